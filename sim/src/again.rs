//! The command that shows one future again, as it can be pasted into a shell.

/// Options of which another value, or none, is right for one future with its trace.
const WITH_A_VALUE: [&str; 5] = ["--seeds", "--first-seed", "--seed", "--report", "--threads"];
const WITHOUT: [&str; 6] = ["--json", "--futures", "--trace", "--require-sometimes", "--quiet", "-q"];

/// What was typed, the program's name first, for one seed and with its trace.
pub(crate) fn again(typed: impl IntoIterator<Item = String>, seed: u64) -> String {
    let mut words = typed.into_iter();
    let mut kept: Vec<String> = words.next().iter().map(|program| quoted(program)).collect();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if WITH_A_VALUE.contains(&name) {
            // What follows is its value, unless that is in the same word.
            if name == word {
                words.next();
            }
        } else if !WITHOUT.contains(&name) {
            kept.push(quoted(&word));
        }
    }
    format!("{} --seed {seed} --trace", kept.join(" "))
}

/// A word as a shell takes it for one: as it is where nothing in it means anything to a shell, else between quotes.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_was_typed_is_kept_but_what_is_of_many_futures() {
        let many = ["sim", "--seeds", "9", "--threads=2", "--epochs", "60", "-q", "--require-sometimes"];
        assert_eq!(again(typed(&many), 17), "sim --epochs 60 --seed 17 --trace");
        let one = ["sim", "--seed=3", "--json", "--futures", "--report", "a page.html", "--beyond-a-third"];
        assert_eq!(again(typed(&one), 3), "sim --beyond-a-third --seed 3 --trace");
    }

    #[test]
    fn a_shell_takes_each_word_for_the_one_that_was_typed() {
        let words = ["my sim", "--genesis=it's here/genesis.json", "--state", "$HOME/*", "", "--rpc", "http://[::1]:1"];
        let shown = again(typed(&words), 1);
        assert!(shown.starts_with(r"'my sim' '--genesis=it'\''s here/genesis.json' --state '$HOME/*' ''"), "{shown}");
        assert!(shown.ends_with("--rpc 'http://[::1]:1' --seed 1 --trace"), "{shown}");
        let script = format!("printf '%s\\n' {shown}");
        let read = std::process::Command::new("sh").args(["-c", &script]).output().unwrap().stdout;
        let read = String::from_utf8(read).unwrap();
        let expected: Vec<&str> = words.into_iter().chain(["--seed", "1", "--trace"]).collect();
        assert_eq!(read.lines().collect::<Vec<_>>(), expected);
    }
}
