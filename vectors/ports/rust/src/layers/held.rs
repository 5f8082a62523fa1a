// SPDX-License-Identifier: MIT
//! Section 8: the outer IP header against that of the held one, in a tunnel.

use crate::config::Config;
use crate::held::{compare_ip, fixes_id, Held, DF};
use crate::model::{get16, Checked};
use crate::packet::Packet;

impl Held {
    /// The same outer IP header of a packet and of the first one, in a tunnel;
    /// and whether they are compared as IPv4.
    fn outer_pair<'a>(&'a self, packet: &'a Packet) -> Option<(&'a [u8], &'a [u8], bool)> {
        let (mine, its) = (packet.layers.outer.as_ref()?, self.first.layers.outer.as_ref()?);
        Some((mine.ip.of(&packet.bytes), its.ip.of(&self.first.bytes), mine.ip.as_ip4))
    }

    /// The rules of section 8 for the outer IP header.
    pub(crate) fn compare_outer(&self, packet: &Packet, config: &Config) -> Checked {
        if let Some((mine, its, as_ip4)) = self.outer_pair(packet) {
            compare_ip(mine, its, as_ip4, self.outer_step(packet, config))?;
        }
        Ok(())
    }

    /// GRO-IP4-011: by what the identification of the outer IP header has to
    /// differ.
    fn outer_step(&self, packet: &Packet, config: &Config) -> u16 {
        let (mine, its, _) = match self.outer_pair(packet) {
            Some(pair) => pair,
            None => return 0,
        };
        let is_fixed = match config.profile.with("fixed_id_needs_df") {
            true => config.profile.with("checks_csum_start") && self.fixed_id,
            false => self.outer_fixed_id_with(packet, config),
        };
        match config.profile.with("fixed_id_needs_df") && mine[6] & DF != 0 {
            // It always follows.
            true => get16(mine, 4).wrapping_sub(get16(its, 4)),
            false if is_fixed => 0,
            false => self.of.len() as u16,
        }
    }

    /// What fixed_id of the outer IP header is, or becomes by this second packet.
    fn outer_fixed_id_with(&self, packet: &Packet, config: &Config) -> bool {
        let fixes = |(mine, its, as_ip4)| as_ip4 && fixes_id(mine, its, config);
        let is_second = self.of.len() == 1;
        self.first.layers.outer_fixed_id
            || is_second && self.outer_pair(packet).map_or(false, fixes)
    }

    /// GRO-LL-007: whether the outer identifications count up, as those of a
    /// split do.
    pub(crate) fn counts_outer_ids(&self, packet: &Packet) -> bool {
        let step = self.of.len() as u16;
        self.outer_pair(packet).map_or(true, |(mine, its, as_ip4)| {
            !as_ip4 || get16(mine, 4) == get16(its, 4).wrapping_add(step)
        })
    }

    /// Before a packet merges: keeps what only layers read of it later.
    pub(crate) fn keep_outer(&mut self, packet: &Packet, config: &Config) {
        self.first.layers.outer_fixed_id = self.outer_fixed_id_with(packet, config);
    }
}
