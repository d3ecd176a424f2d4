#!/bin/sh
# Prints a profile whose spans pass, and whose windows are open, while somebody looks on: for a demo and for tests.
#
#   scripts/fast_profile.sh config/profiles/chain.toml > fast/profiles/chain.toml
#
# Nothing but spans and windows differs, and that the profile says of itself that it is for tests, without which no plan has a span
# under a minute:
#
#   a span that is waited for    an hour is a second, a day a minute; minutes and epochs stay as they are
#   how long a word is fresh     an hour is a minute, so that there is time to say all the others
#   a window of every week       open at all times
#   one that is announced        a day of notice is a second, an hour of its length a minute
set -eu
profile="${1:?name the profile, such as config/profiles/chain.toml}"
exec sed -E -- '
/^\[policy\]/a\
test = true                        # spans are short
/days = "/{
s/days = "[^"]*"/days = "mon..sun"/
s/from = "[^"]*"/from = "00:00"/
s/for = "[^"]*"/for = "24 h"/
b
}
/announced = true/{
s/notice = "([0-9]+) d"/notice = "\1 s"/
s/longest = "([0-9]+) h"/longest = "\1 min"/
b
}
s/fresh = "([0-9]+) h"/fresh = "\1 min"/
s/"([0-9]+) h"/"\1 s"/g
s/"([0-9]+) d"/"\1 min"/g
' "$profile"
