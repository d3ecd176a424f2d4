"""Which tree does a tag name? A fresh checkout of it, by git's own objects, so that nothing uncommitted can get in."""

import os

from .failure import Refused
from .programs import output, text


def resolve(repository, ref):
    """The commit and tree of a tag or commit, and the time of the commit."""
    try:
        commit = text("git", "-C", repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except Refused:
        raise Refused("E_REF", f"{ref} is neither a tag nor a commit of {repository}; create the tag, or fetch it") from None
    tree = text("git", "-C", repository, "rev-parse", f"{commit}^{{tree}}")
    time = text("git", "-C", repository, "show", "--no-patch", "--format=%ct", commit)
    return {"ref": ref, "commit": commit, "tree": tree}, time


def write(repository, source, folder):
    """Writes the tree into a new folder."""
    os.makedirs(folder)
    with_index = _index(folder)
    output("git", "-C", repository, "read-tree", source["commit"], env=with_index)
    output("git", "-C", repository, "checkout-index", "--all", f"--prefix={folder}/", env=with_index)
    _check(repository, source, folder)


def _check(repository, source, folder):
    """Refuses a folder whose content is not the tree's: something was changed, added or lost on the way."""
    git = ("git", f"--git-dir={_git_dir(repository)}", f"--work-tree={folder}")
    output(*git, "add", "--all", "--force", ".", cwd=folder, env=_index(folder))
    found = text(*git, "write-tree", cwd=folder, env=_index(folder))
    if found != source["tree"]:
        raise Refused("E_SOURCE", f"the checkout of {source['ref']} has tree {found}, not {source['tree']}; git changed it")


def _git_dir(repository):
    return text("git", "-C", repository, "rev-parse", "--absolute-git-dir")


def _index(folder):
    return {**os.environ, "GIT_INDEX_FILE": f"{folder}.index"}
