// SPDX-License-Identifier: MIT
//! The declarations of `grove.h` that the crate `grove` uses. The header has
//! the conditions of each function.
//!
//! Strings are `*const u8`, since the sign of `char` depends on the machine.

#![no_std]
#![allow(non_camel_case_types, missing_docs)]

use core::ffi::c_void;

/// `GROVE_OK` and `GROVE_SPLIT_OK`.
pub const GROVE_OK: i32 = 0;
pub const GROVE_SPLIT_OK: i32 = 0;
pub const GROVE_SPLIT_REJECTED: i32 = 1;
pub const GROVE_NO_PACKET: u32 = u32::MAX;
pub const GROVE_VNET_LEN: usize = 10;

pub const GROVE_LINK_NONE: i32 = 0;
pub const GROVE_LINK_ETHERNET: i32 = 1;

pub const GROVE_TUNNEL_IPIP: i32 = 1;
pub const GROVE_TUNNEL_GRE: i32 = 2;
pub const GROVE_TUNNEL_VXLAN: i32 = 3;
pub const GROVE_TUNNEL_VXLAN_GPE: i32 = 4;
pub const GROVE_TUNNEL_GENEVE: i32 = 5;
pub const GROVE_TUNNEL_PPPOE: i32 = 6;
pub const GROVE_MAX_TUNNELS: usize = 8;

/// Opaque.
#[repr(C)]
pub struct grove_table {
    private: [u8; 0],
}

/// Opaque.
#[repr(C)]
pub struct grove_split {
    private: [u8; 0],
}

#[repr(C)]
pub struct iovec {
    pub iov_base: *const c_void,
    pub iov_len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct grove_tunnel {
    pub protocol: i32,
    pub port: u16,
}

#[repr(C)]
pub struct grove_config {
    pub profile: *const u8,
    pub max_flows: u32,
    pub max_packets: u32,
    pub mode: i32,
    pub no_udp: bool,
    pub csum_trusted: bool,
    pub seed: u64,
    pub link: i32,
    pub tunnels: *const grove_tunnel,
    pub tunnel_count: u32,
    pub vnet_len: u8,
    pub max_bytes: u32,
    pub fraglist: bool,
    pub hash: bool,
}

#[repr(C)]
pub struct grove_packet {
    pub data: *const u8,
    pub len: usize,
    pub vnet: *const u8,
    pub hash: u32,
}

#[repr(C)]
pub struct grove_fate {
    pub verdict: i32,
    pub rule: i32,
}

#[repr(C)]
pub struct grove_output {
    pub iov: *const iovec,
    pub iovcnt: i32,
    pub len: u32,
    pub packets: u32,
    pub first: u32,
    pub rule: i32,
    pub rest: u32,
}

#[repr(C)]
pub struct grove_split_config {
    pub profile: *const u8,
    pub csum_offload: bool,
    pub link: i32,
    pub vnet_len: u8,
}

extern "C" {
    pub fn grove_error_words(error: i32) -> *const u8;
    pub fn grove_rule_id(rule: i32) -> *const u8;
    pub fn grove_profiles() -> *const *const u8;

    pub fn grove_table_new(config: *const grove_config, table: *mut *mut grove_table) -> i32;
    pub fn grove_table_free(table: *mut grove_table);
    pub fn grove_receive(table: *mut grove_table, packet: *const grove_packet) -> i32;
    pub fn grove_flush(table: *mut grove_table);
    pub fn grove_clear(table: *mut grove_table) -> i32;
    pub fn grove_to_write(table: *const grove_table, count: *mut usize) -> *const grove_output;
    pub fn grove_next_packet(table: *const grove_table, number: u32) -> u32;
    pub fn grove_received(table: *const grove_table) -> u32;
    pub fn grove_fate_of(table: *const grove_table, number: u32) -> grove_fate;

    pub fn grove_split_new(config: *const grove_split_config, split: *mut *mut grove_split) -> i32;
    pub fn grove_split_free(split: *mut grove_split);
    pub fn grove_split_begin(
        split: *mut grove_split,
        packet: *const grove_packet,
        rule: *mut i32,
    ) -> i32;
    pub fn grove_split_copy(
        split: *mut grove_split,
        data: *mut u8,
        size: usize,
        vnet: *mut u8,
    ) -> u32;
    pub fn grove_split_left(split: *const grove_split) -> u32;
}

#[cfg(test)]
mod tests {
    use core::mem::size_of;

    extern "C" {
        static grove_sys_sizes: [usize; 6];
    }

    /// The structures are those of `grove.h`: `layout.c` has their sizes.
    #[test]
    fn sizes() {
        let here = [
            size_of::<super::grove_tunnel>(),
            size_of::<super::grove_config>(),
            size_of::<super::grove_split_config>(),
            size_of::<super::grove_packet>(),
            size_of::<super::grove_fate>(),
            size_of::<super::grove_output>(),
        ];
        // SAFETY: it is a constant.
        assert_eq!(here, unsafe { grove_sys_sizes });
    }
}
