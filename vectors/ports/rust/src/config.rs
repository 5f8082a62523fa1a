// SPDX-License-Identifier: MIT
//! Section 2: the configuration of a table and of a split.

use crate::layers::Settings;
use crate::profile::Profile;

/// The configuration of a table. A split reads its profile and its layers.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which kernel is imitated.
    pub profile: Profile,
    /// The largest number of super-packets that are held in a bucket, 1 to 65536.
    pub max_flows: usize,
    /// UDP packets may merge.
    pub udp: bool,
    /// L4 checksums were verified before.
    pub trusted: bool,
    /// What is not in the core.
    pub layers: Settings,
}
