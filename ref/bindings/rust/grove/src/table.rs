// SPDX-License-Identifier: MIT
//! The table: `grove_table` of `grove.h`.

use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::slice;

use grove_sys as sys;

use crate::layer::{vnet_len, Tunnels};
use crate::words::with_name;
use crate::{Error, Link, Packet, Rule, Tunnel, VNET_LEN};

/// The configuration of a table. The default coalesces as the newest kernel.
/// Write `..Config::default()` behind the fields that you set: a later version
/// may have more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config<'a> {
    /// The name of a profile, as "linux-6.18"; `None` is the newest.
    pub profile: Option<&'a str>,
    /// Super-packets held before the oldest is evicted; 0 is 128.
    pub max_flows: u32,
    /// Packets of a poll; 0 is 128, or `max_flows` if that is more.
    pub max_packets: u32,
    /// Merges only what a split gives back byte for byte.
    pub lossless: bool,
    /// UDP passes.
    pub no_udp: bool,
    /// L4 checksums were verified before.
    pub csum_trusted: bool,
    /// Of the flow hash; 0 is a random one. Outputs are the same.
    pub seed: u64,
    /// What packets begin with.
    pub link: Link,
    /// The tunnels that end here, up to 8. What is in others is not coalesced.
    /// Lossless mode has those over UDP, of Ethernet frames and with virtio
    /// headers of 24 bytes.
    pub tunnels: &'a [Tunnel],
    /// The longest super-packet, from 65535 to 524280 bytes; 0 is 65535. More
    /// is for linux mode, without a link and tunnels.
    pub max_bytes: u32,
    /// Coalesces into lists of packets, as with rx-gro-list: each packet of a
    /// list is an output, and they follow one another. Lists are for linux mode,
    /// without a link and tunnels.
    pub fraglist: bool,
    /// Packets have hashes, as those that a network card with RSS receives: see
    /// `Poll::receive_with_hash`. Then there are 8 buckets, and up to `max_flows`
    /// super-packets are held in each. Hashes are for linux mode, without
    /// `fraglist`, and with the usual `max_bytes`.
    pub hash: bool,
}

impl Config<'_> {
    fn make(&self, vnet_len: u8) -> Result<NonNull<sys::grove_table>, Error> {
        let mut table = ptr::null_mut();
        let tunnels = Tunnels::new(self.tunnels);
        Error::check(with_name(self.profile, |profile| {
            let config = sys::grove_config {
                profile,
                max_flows: self.max_flows,
                max_packets: self.max_packets,
                mode: self.lossless.into(),
                no_udp: self.no_udp,
                csum_trusted: self.csum_trusted,
                seed: self.seed,
                link: self.link.raw(),
                tunnels: tunnels.list.as_ptr(),
                tunnel_count: tunnels.count as u32,
                vnet_len,
                max_bytes: self.max_bytes,
                fraglist: self.fraglist,
                hash: self.hash,
            };
            // SAFETY: all pointers are valid during the call.
            unsafe { sys::grove_table_new(&config, &mut table) }
        }))?;
        // SAFETY: the call succeeded.
        Ok(unsafe { NonNull::new_unchecked(table) })
    }
}

/// What happened to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It began a super-packet.
    Held,
    /// It went into a held super-packet.
    Merged,
    /// It left at once, unmodified.
    Passed,
    /// It is in no output.
    Rejected,
}

/// A table that coalesces packets, poll by poll. All virtio headers have `VNET`
/// bytes: 10, 12 or 24.
pub struct Table<const VNET: usize = VNET_LEN> {
    table: NonNull<sys::grove_table>,
    /// A poll has begun and has not ended: the table may point to packets that
    /// are gone, since a poll can be leaked.
    in_poll: bool,
}

// SAFETY: a table may move between threads.
unsafe impl<const VNET: usize> Send for Table<VNET> {}

impl Table {
    /// Makes a table with virtio headers of 10 bytes, by one allocation.
    pub fn new(config: &Config<'_>) -> Result<Table, Error> {
        Table::with_vnet_len(config)
    }
}

impl<const VNET: usize> Table<VNET> {
    /// Makes a table with virtio headers of `VNET` bytes, by one allocation:
    /// `Table::<24>::with_vnet_len(&config)`. It fails if `VNET` is not 10, 12 or
    /// 24.
    pub fn with_vnet_len(config: &Config<'_>) -> Result<Table<VNET>, Error> {
        Ok(Table { table: config.make(vnet_len::<VNET>())?, in_poll: false })
    }

    /// Begins a poll. It ends when the result is dropped.
    ///
    /// # Panics
    ///
    /// If the poll before it was leaked, as by `core::mem::forget`.
    pub fn poll<'p>(&mut self) -> Poll<'_, 'p, VNET> {
        assert!(!self.in_poll, "the last poll was leaked");
        self.in_poll = true;
        Poll { table: self, packets: PhantomData }
    }
}

impl<const VNET: usize> Drop for Table<VNET> {
    fn drop(&mut self) {
        // SAFETY: the table is not used any more.
        unsafe { sys::grove_table_free(self.table.as_ptr()) }
    }
}

/// A poll: packets in, outputs out. It borrows the packets, since outputs point
/// into them.
pub struct Poll<'t, 'p, const VNET: usize = VNET_LEN> {
    table: &'t mut Table<VNET>,
    packets: PhantomData<&'p [u8]>,
}

impl<'p, const VNET: usize> Poll<'_, 'p, VNET> {
    fn raw(&self) -> *mut sys::grove_table {
        self.table.table.as_ptr()
    }

    /// Takes a packet. It fails if `max_packets` were taken.
    pub fn receive(&mut self, packet: Packet<'p, VNET>) -> Result<(), Error> {
        self.receive_with_hash(packet, 0)
    }

    /// The same for a packet with this hash, as the device gave it. It is read
    /// only by a table whose configuration has `hash`.
    pub fn receive_with_hash(&mut self, packet: Packet<'p, VNET>, hash: u32) -> Result<(), Error> {
        // SAFETY: the packet is borrowed until the poll ends.
        Error::check(unsafe { sys::grove_receive(self.raw(), &packet.raw(hash)) })
    }

    /// Ends a kernel's poll: every held super-packet leaves. Packets may follow.
    pub fn flush(&mut self) {
        // SAFETY: the packets are borrowed.
        unsafe { sys::grove_flush(self.raw()) }
    }

    /// What has left, in order. Held packets have not: flush first.
    pub fn outputs(&self) -> impl Iterator<Item = Output<'_, VNET>> {
        let mut count = 0;
        // SAFETY: the list is valid until the table changes, and the outputs
        // borrow the poll.
        let list = unsafe { sys::grove_to_write(self.raw(), &mut count) };
        let list = if count == 0 { &[] } else { unsafe { slice::from_raw_parts(list, count) } };
        list.iter().map(move |raw| Output { raw, table: self.raw() })
    }

    /// What happened to each packet, and the rule that kept it from merging.
    pub fn fates(&self) -> impl Iterator<Item = (Verdict, Option<Rule>)> + '_ {
        let fate = |number| {
            // SAFETY: the packet was received.
            let fate = unsafe { sys::grove_fate_of(self.raw(), number) };
            let verdict = match fate.verdict {
                0 => Verdict::Held,
                1 => Verdict::Merged,
                2 => Verdict::Passed,
                _ => Verdict::Rejected,
            };
            (verdict, Rule::new(fate.rule))
        };
        // SAFETY: it only reads.
        (0..unsafe { sys::grove_received(self.raw()) }).map(fate)
    }
}

impl<const VNET: usize> Drop for Poll<'_, '_, VNET> {
    fn drop(&mut self) {
        // SAFETY: the packets are borrowed until here, and none is held after a
        // flush, so that the clear succeeds.
        unsafe {
            sys::grove_flush(self.raw());
            sys::grove_clear(self.raw());
        }
        self.table.in_poll = false;
    }
}

/// A packet that leaves.
#[derive(Clone, Copy)]
pub struct Output<'a, const VNET: usize = VNET_LEN> {
    raw: &'a sys::grove_output,
    table: *const sys::grove_table,
}

impl<'a, const VNET: usize> Output<'a, VNET> {
    /// Its virtio header, then its bytes in pieces. They point into the
    /// received packets and into the table.
    pub fn slices(&self) -> impl Iterator<Item = &'a [u8]> {
        self.iovecs().iter().map(|iov| match iov.iov_len {
            0 => &[][..],
            // SAFETY: each piece is valid as long as the output.
            length => unsafe { slice::from_raw_parts(iov.iov_base.cast(), length) },
        })
    }

    /// The same pieces for `Write::write_vectored`. writev(2) takes at most
    /// 1024 of them.
    #[cfg(all(feature = "std", unix))]
    pub fn io_slices(&self) -> &'a [std::io::IoSlice<'a>] {
        let iovecs = self.iovecs();
        // SAFETY: on Unix an IoSlice has the layout of an iovec.
        unsafe { slice::from_raw_parts(iovecs.as_ptr().cast(), iovecs.len()) }
    }

    fn iovecs(&self) -> &'a [sys::iovec] {
        // SAFETY: an output has at least its header.
        unsafe { slice::from_raw_parts(self.raw.iov, self.raw.iovcnt as usize) }
    }

    /// Its virtio header.
    pub fn vnet(&self) -> [u8; VNET] {
        // SAFETY: the first piece is the header, of the length of the table's.
        unsafe { *(*self.raw.iov).iov_base.cast() }
    }

    /// Its length in bytes, without the virtio header.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.raw.len as usize
    }

    /// With `fraglist`: how many of the next outputs are of the same list.
    pub fn rest(&self) -> usize {
        self.raw.rest as usize
    }

    /// The numbers of its packets in the poll, from 0.
    pub fn packets(&self) -> impl Iterator<Item = usize> + 'a {
        let table = self.table;
        // SAFETY: the table lives as long as the output.
        let next = move |number: &u32| {
            Some(unsafe { sys::grove_next_packet(table, *number) })
                .filter(|next| *next != sys::GROVE_NO_PACKET)
        };
        core::iter::successors(Some(self.raw.first), next).map(|number| number as usize)
    }
}
