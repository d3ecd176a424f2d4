# shellcheck shell=bash
# What the Python scripts of this folder need: themselves, an interpreter that reads TOML, and the tools of setup.sh.
scripts="${scripts:?the folder of the scripts}"
python=(PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONSAFEPATH)
# The last one keeps the folder one stands in from being searched for modules: that may be a downloaded release.
export PYTHONPATH="$scripts" PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1
export PATH="$PATH:${XDG_CACHE_HOME:-$HOME/.cache}/the-block/tools/bin"
python3 -c 'import tomllib' 2>/dev/null || {
  echo "${0##*/}: python3 of version 3.11 or later is missing; scripts/setup.sh test installs what is needed" >&2
  exit 2
}
