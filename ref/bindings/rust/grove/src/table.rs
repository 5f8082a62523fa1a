// SPDX-License-Identifier: MIT
//! The table: `grove_table` of `grove.h`.

use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::slice;

use grove_sys as sys;

use crate::words::with_name;
use crate::{Error, Packet, Rule, Vnet};

/// The configuration of a table. The default coalesces as the newest kernel.
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
}

impl Config<'_> {
    fn make(&self) -> Result<NonNull<sys::grove_table>, Error> {
        let mut table = ptr::null_mut();
        Error::check(with_name(self.profile, |profile| {
            let config = sys::grove_config {
                profile,
                max_flows: self.max_flows,
                max_packets: self.max_packets,
                mode: self.lossless.into(),
                no_udp: self.no_udp,
                csum_trusted: self.csum_trusted,
                seed: 0,
                link: 0,
                tunnels: ptr::null(),
                tunnel_count: 0,
                vnet_len: 0,
                max_bytes: 0,
                fraglist: false,
            };
            // SAFETY: both pointers are valid during the call.
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

/// A table that coalesces packets, poll by poll.
pub struct Table {
    table: NonNull<sys::grove_table>,
    /// A poll has begun and has not ended: the table may point to packets that
    /// are gone, since a poll can be leaked.
    in_poll: bool,
}

// SAFETY: a table may move between threads.
unsafe impl Send for Table {}

impl Table {
    /// Makes a table, by one allocation.
    pub fn new(config: &Config<'_>) -> Result<Table, Error> {
        Ok(Table { table: config.make()?, in_poll: false })
    }

    /// Begins a poll. It ends when the result is dropped.
    ///
    /// # Panics
    ///
    /// If the poll before it was leaked, as by `core::mem::forget`.
    pub fn poll<'p>(&mut self) -> Poll<'_, 'p> {
        assert!(!self.in_poll, "the last poll was leaked");
        self.in_poll = true;
        Poll { table: self, packets: PhantomData }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: the table is not used any more.
        unsafe { sys::grove_table_free(self.table.as_ptr()) }
    }
}

/// A poll: packets in, outputs out. It borrows the packets, since outputs point
/// into them.
pub struct Poll<'t, 'p> {
    table: &'t mut Table,
    packets: PhantomData<&'p [u8]>,
}

impl<'p> Poll<'_, 'p> {
    fn raw(&self) -> *mut sys::grove_table {
        self.table.table.as_ptr()
    }

    /// Takes a packet. It fails if `max_packets` were taken.
    pub fn receive(&mut self, packet: Packet<'p>) -> Result<(), Error> {
        // SAFETY: the packet is borrowed until the poll ends.
        Error::check(unsafe { sys::grove_receive(self.raw(), &packet.raw()) })
    }

    /// Ends a kernel's poll: every held super-packet leaves. Packets may follow.
    pub fn flush(&mut self) {
        // SAFETY: the packets are borrowed.
        unsafe { sys::grove_flush(self.raw()) }
    }

    /// What has left, in order. Held packets have not: flush first.
    pub fn outputs(&self) -> impl Iterator<Item = Output<'_>> {
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

impl Drop for Poll<'_, '_> {
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
pub struct Output<'a> {
    raw: &'a sys::grove_output,
    table: *const sys::grove_table,
}

impl<'a> Output<'a> {
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
    pub fn vnet(&self) -> Vnet {
        let mut vnet = Vnet::default();
        // SAFETY: the first piece is the header.
        let header = unsafe { slice::from_raw_parts((*self.raw.iov).iov_base.cast(), vnet.len()) };
        vnet.copy_from_slice(header);
        vnet
    }

    /// Its length in bytes, without the virtio header.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.raw.len as usize
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
