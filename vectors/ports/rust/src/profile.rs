// SPDX-License-Identifier: MIT
//! Section 2: profiles, their names, and the configuration of a table.

use alloc::string::String;

/// A column of the table of profiles.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Column {
    MinTcpGsoSize,
    TakesUso,
    ChecksCsumStart,
    Dissects,
    RefusesCwr,
    ComparesCwr,
    ShowsCwr,
    FixedIdNeedsDf,
    MaxUdpSegments,
    StripsJumbo,
    ProbesTcp,
    TakesTunnels,
}

/// The names of the columns, and the values of each.
const COLUMNS: [(&str, &[&str]); 12] = [
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
];

/// The values of each profile in the order of the columns, the oldest first.
const PROFILES: [(&str, &str); 5] = [
    ("linux-6.1", "8 no no no yes no yes yes 64 yes no no"),
    ("linux-6.12", "8 yes yes no yes no yes yes 64 yes no no"),
    ("linux-6.16", "0 yes yes no yes yes no yes 64 yes no no"),
    ("linux-6.18", "0 yes yes no yes yes no no 64 yes no yes"),
    ("linux-7.2", "8 yes yes yes no yes no no 64 no no yes"),
];

const ALIASES: [(&str, &str); 1] = [("linux-7.3", "linux-7.2")];

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
        let (base, changes) = match name.split_once(':') {
            Some((base, changes)) => (base, changes),
            None => {
                let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
                return Profile::named(alias.map_or(name, |(_, name)| *name));
            }
        };
        let mut profile = Profile::named(base)?;
        for change in changes.split(',') {
            profile.change(change)?;
        }
        Some(profile).filter(|profile| profile.name() == name)
    }

    /// The only name of this profile.
    pub fn name(&self) -> String {
        // Of several bases that differ in as few columns, the first is taken.
        let base =
            Profile::names().min_by_key(|name| self.changes(name).count()).unwrap_or_default();
        let mut name = String::from(base);
        let separators = [":"].into_iter().chain(core::iter::repeat(","));
        for (separator, (column, value)) in separators.zip(self.changes(base)) {
            name.extend([separator, column, "=", value]);
        }
        name
    }

    /// The value of a column of numbers.
    pub fn number(&self, column: Column) -> u16 {
        self.0[column as usize].parse().unwrap_or(0)
    }

    /// "With" the column: its value is "yes".
    pub fn with(&self, column: Column) -> bool {
        self.0[column as usize] == "yes"
    }

    fn named(name: &str) -> Option<Profile> {
        let (_, row) = PROFILES.iter().find(|(known, _)| *known == name)?;
        let mut values = [""; COLUMNS.len()];
        values.iter_mut().zip(row.split(' ')).for_each(|(value, word)| *value = word);
        Some(Profile(values))
    }

    /// Changes a column by "column=value"; `None` if there is no such value.
    fn change(&mut self, text: &str) -> Option<()> {
        let (name, word) = text.split_once('=')?;
        let at = COLUMNS.iter().position(|(column, _)| *column == name)?;
        self.0[at] = COLUMNS[at].1.iter().find(|value| **value == word)?;
        Some(())
    }

    /// The columns in which this profile differs from a named one, and its
    /// values there.
    fn changes<'a>(
        &'a self,
        base: &str,
    ) -> impl Iterator<Item = (&'static str, &'static str)> + 'a {
        let base = Profile::named(base).unwrap_or(*self);
        let columns = COLUMNS.iter().zip(self.0).zip(base.0);
        columns.filter(|((_, mine), its)| mine != its).map(|((column, mine), _)| (column.0, mine))
    }
}

/// The configuration of a table.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Which kernel the table behaves as.
    pub profile: Profile,
    /// The largest number of super-packets that are held, 1 to 65536.
    pub max_flows: usize,
    /// UDP packets may merge.
    pub udp: bool,
    /// L4 checksums were verified before.
    pub trusted: bool,
    /// Packets merge only if a split gives them back (section 11).
    pub lossless: bool,
}
