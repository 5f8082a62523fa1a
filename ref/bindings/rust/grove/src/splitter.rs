// SPDX-License-Identifier: MIT
//! The splitter: `grove_split` of `grove.h`.

use core::marker::PhantomData;
use core::ptr::{self, NonNull};

use grove_sys as sys;

use crate::words::with_name;
use crate::{Error, Packet, Rule, Vnet};

/// Splits super-packets, one at a time.
pub struct Splitter {
    split: NonNull<sys::grove_split>,
}

// SAFETY: a splitter may move between threads.
unsafe impl Send for Splitter {}

/// What a split gives.
pub enum Split<'s, 'p> {
    /// One or more segments.
    Segments(Segments<'s, 'p>),
    /// The kernel's write(2) fails, by this rule.
    Rejected(Rule),
    /// The kernel delivers nothing, by this rule.
    Dropped(Rule),
}

/// The segments of a packet.
pub struct Segments<'s, 'p> {
    splitter: &'s mut Splitter,
    packet: PhantomData<&'p [u8]>,
}

impl Splitter {
    /// Makes a splitter, by one allocation. With `csum_offload`, the reader
    /// computes checksums. `None` is the newest profile.
    pub fn new(profile: Option<&str>, csum_offload: bool) -> Result<Splitter, Error> {
        let mut split = ptr::null_mut();
        Error::check(with_name(profile, |profile| {
            let config = sys::grove_split_config { profile, csum_offload, link: 0, vnet_len: 0 };
            // SAFETY: both pointers are valid during the call.
            unsafe { sys::grove_split_new(&config, &mut split) }
        }))?;
        // SAFETY: the call succeeded.
        Ok(Splitter { split: unsafe { NonNull::new_unchecked(split) } })
    }

    /// Begins to split a packet.
    pub fn split<'s, 'p>(&'s mut self, packet: Packet<'p>) -> Split<'s, 'p> {
        let mut rule = 0;
        // SAFETY: the packet is borrowed as long as its segments.
        let result =
            unsafe { sys::grove_split_begin(self.split.as_ptr(), &packet.raw(), &mut rule) };
        match (result, Rule::new(rule)) {
            (sys::GROVE_SPLIT_REJECTED, Some(rule)) => Split::Rejected(rule),
            (_, Some(rule)) => Split::Dropped(rule),
            (_, None) => Split::Segments(Segments { splitter: self, packet: PhantomData }),
        }
    }
}

impl Drop for Splitter {
    fn drop(&mut self) {
        // SAFETY: the splitter is not used any more.
        unsafe { sys::grove_split_free(self.split.as_ptr()) }
    }
}

impl Segments<'_, '_> {
    /// How many segments are still to come.
    pub fn left(&self) -> usize {
        // SAFETY: it only reads.
        unsafe { sys::grove_split_left(self.splitter.split.as_ptr()) as usize }
    }

    /// Copies the next segment into the buffer, and its virtio header. Gives
    /// its length in bytes; `None` if there is no segment. If the length is over
    /// that of the buffer, nothing was written, and the segment stays the next.
    pub fn next_into(&mut self, buffer: &mut [u8], vnet: &mut Vnet) -> Option<usize> {
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
