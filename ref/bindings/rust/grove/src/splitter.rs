// SPDX-License-Identifier: MIT
//! The splitter: `grove_split` of `grove.h`.

use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use grove_sys as sys;

use crate::layer::vnet_len;
use crate::words::with_name;
use crate::{Error, Link, Packet, Rule, VNET_LEN};

/// The configuration of a splitter. The default splits as the newest kernel.
/// Write `..SplitConfig::default()` behind the fields that you set.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitConfig<'a> {
    /// The name of a profile, as "linux-6.18"; `None` is the newest.
    pub profile: Option<&'a str>,
    /// The reader computes checksums.
    pub csum_offload: bool,
    /// What packets begin with.
    pub link: Link,
}

impl SplitConfig<'_> {
    fn make(&self, vnet_len: u8) -> Result<NonNull<sys::grove_split>, Error> {
        let mut split = ptr::null_mut();
        Error::check(with_name(self.profile, |profile| {
            let config = sys::grove_split_config {
                profile,
                csum_offload: self.csum_offload,
                link: self.link.raw(),
                vnet_len,
            };
            // SAFETY: all pointers are valid during the call.
            unsafe { sys::grove_split_new(&config, &mut split) }
        }))?;
        // SAFETY: the call succeeded.
        Ok(unsafe { NonNull::new_unchecked(split) })
    }
}

/// Splits super-packets, one at a time. All virtio headers have `VNET` bytes: 10,
/// 12 or 24.
pub struct Splitter<const VNET: usize = VNET_LEN> {
    split: NonNull<sys::grove_split>,
}

// SAFETY: a splitter may move between threads.
unsafe impl<const VNET: usize> Send for Splitter<VNET> {}

/// What a split gives.
pub enum Split<'s, 'p, const VNET: usize = VNET_LEN> {
    /// One or more segments.
    Segments(Segments<'s, 'p, VNET>),
    /// The kernel's write(2) fails, by this rule.
    Rejected(Rule),
    /// The kernel delivers nothing, by this rule.
    Dropped(Rule),
}

/// The segments of a packet.
pub struct Segments<'s, 'p, const VNET: usize = VNET_LEN> {
    splitter: &'s mut Splitter<VNET>,
    packet: PhantomData<&'p [u8]>,
}

impl Splitter {
    /// Makes a splitter with virtio headers of 10 bytes, by one allocation.
    pub fn new(config: &SplitConfig<'_>) -> Result<Splitter, Error> {
        Splitter::with_vnet_len(config)
    }
}

impl<const VNET: usize> Splitter<VNET> {
    /// Makes a splitter with virtio headers of `VNET` bytes, by one allocation.
    /// It fails if `VNET` is not 10, 12 or 24.
    pub fn with_vnet_len(config: &SplitConfig<'_>) -> Result<Splitter<VNET>, Error> {
        Ok(Splitter { split: config.make(vnet_len::<VNET>())? })
    }

    /// Begins to split a packet.
    pub fn split<'s, 'p>(&'s mut self, packet: Packet<'p, VNET>) -> Split<'s, 'p, VNET> {
        let mut rule = 0;
        // SAFETY: the packet is borrowed as long as its segments.
        let result =
            unsafe { sys::grove_split_begin(self.split.as_ptr(), &packet.raw(0), &mut rule) };
        match (result, Rule::new(rule)) {
            (sys::GROVE_SPLIT_REJECTED, Some(rule)) => Split::Rejected(rule),
            (_, Some(rule)) => Split::Dropped(rule),
            (_, None) => Split::Segments(Segments { splitter: self, packet: PhantomData }),
        }
    }
}

impl<const VNET: usize> Drop for Splitter<VNET> {
    fn drop(&mut self) {
        // SAFETY: the splitter is not used any more.
        unsafe { sys::grove_split_free(self.split.as_ptr()) }
    }
}

impl<const VNET: usize> Segments<'_, '_, VNET> {
    /// How many segments are still to come.
    pub fn left(&self) -> usize {
        // SAFETY: it only reads.
        unsafe { sys::grove_split_left(self.splitter.split.as_ptr()) as usize }
    }

    /// Copies the next segment into the buffer, and its virtio header. Gives
    /// its length in bytes; `None` if there is no segment. If the length is over
    /// that of the buffer, nothing was written, and the segment stays the next.
    pub fn next_into(&mut self, buffer: &mut [u8], vnet: &mut [u8; VNET]) -> Option<usize> {
        // SAFETY: the buffer and the header have the sizes that are given.
        let length = unsafe {
            sys::grove_split_copy(
                self.splitter.split.as_ptr(),
                buffer.as_mut_ptr(),
                buffer.len(),
                vnet.as_mut_ptr(),
            )
        };
        Some(length as usize).filter(|length| *length > 0)
    }
}
