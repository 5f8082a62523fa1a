// SPDX-License-Identifier: MIT
//! Section 2: profiles and their names.

use alloc::string::String;

/// The columns of the table of profiles, and the values of each.
const COLUMNS: [(&str, &[&str]); 17] = [
    ("min_tcp_gso_size", &["0", "8"]),
    ("takes_uso", &["no", "yes"]),
    ("checks_csum_start", &["no", "yes"]),
    ("dissects", &["no", "yes"]),
    ("refuses_cwr", &["no", "yes"]),
    ("compares_cwr", &["no", "yes"]),
    ("shows_cwr", &["no", "yes"]),
    ("fixed_id_needs_df", &["no", "yes"]),
    ("max_udp_segments", &["64"]),
    ("strips_jumbo", &["no", "yes"]),
    ("probes_tcp", &["no", "yes"]),
    ("takes_tunnels", &["no", "yes"]),
    ("counts_unread", &["no", "yes"]),
    ("big_ip4", &["no", "yes"]),
    ("lists_tcp", &["no", "yes"]),
    ("flushed_beside", &["no", "yes"]),
    ("checks_tunnel_length", &["no", "yes"]),
];

/// The values of each profile in the order of the columns, the oldest first.
const PROFILES: [(&str, &str); 5] = [
    ("linux-6.1", "8 no no no yes no yes yes 64 yes no no no no no no no"),
    ("linux-6.12", "8 yes yes no yes no yes yes 64 yes no no no yes yes yes no"),
    ("linux-6.16", "0 yes yes no yes yes no yes 64 yes no no yes yes yes yes no"),
    ("linux-6.18", "0 yes yes no yes yes no no 64 yes no yes yes yes yes yes no"),
    ("linux-7.2", "8 yes yes yes no yes no no 64 no no yes yes yes yes yes no"),
];

const ALIAS: (&str, &str) = ("linux-7.3", "linux-7.2:checks_tunnel_length=yes");

/// What kernels do where they differ: a value for each column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile([&'static str; COLUMNS.len()]);

impl Profile {
    /// The profiles that have a name of their own, the oldest first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROFILES.iter().map(|(name, _)| *name)
    }

    /// The profile with this name; `None` if it is not the name of one.
    pub fn find(name: &str) -> Option<Profile> {
        let name = if name == ALIAS.0 { ALIAS.1 } else { name };
        let mut words = name.split([':', ',']);
        let mut profile = Profile::named(words.next()?)?;
        for change in words {
            let (column, word) = change.split_once('=')?;
            let at = COLUMNS.iter().position(|(name, _)| *name == column)?;
            profile.0[at] = COLUMNS[at].1.iter().find(|value| **value == word)?;
        }
        Some(profile).filter(|profile| profile.name() == name)
    }

    /// The only name of this profile.
    pub fn name(&self) -> String {
        // Of several bases that differ in as few columns, the first is taken.
        let base = Profile::names().min_by_key(|base| self.changes(base).count()).unwrap_or("");
        let mut name = String::from(base);
        for (number, (column, value)) in self.changes(base).enumerate() {
            name.extend([if number == 0 { ":" } else { "," }, column, "=", value]);
        }
        name
    }

    /// The value of a column, by its name in SPEC.md.
    fn value(&self, column: &str) -> &'static str {
        let at = COLUMNS.iter().position(|(name, _)| *name == column);
        self.0[at.expect("a column of SPEC.md")]
    }

    /// The value of a column of numbers.
    pub(crate) fn number(&self, column: &str) -> usize {
        self.value(column).parse().expect("a column of numbers")
    }

    /// "With" the column: its value is "yes".
    pub(crate) fn with(&self, column: &str) -> bool {
        self.value(column) == "yes"
    }

    /// The profile with a name of its own.
    fn named(name: &str) -> Option<Profile> {
        let (_, row) = PROFILES.iter().find(|(known, _)| *known == name)?;
        let mut words = row.split(' ');
        Some(Profile(COLUMNS.map(|_| words.next().unwrap_or_default())))
    }

    /// The columns in which this profile differs from a named one, and its
    /// values there.
    fn changes<'a>(&'a self, base: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let base = Profile::named(base).unwrap_or(*self);
        let columns = COLUMNS.iter().zip(self.0).zip(base.0);
        columns.filter(|((_, mine), its)| mine != its).map(|((column, mine), _)| (column.0, mine))
    }
}
