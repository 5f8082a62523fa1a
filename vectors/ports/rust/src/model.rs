// SPDX-License-Identifier: MIT
//! Section 1: terms and data model, and the words of packets.

/// The id of a rule of SPEC.md.
pub type Rule = &'static str;

/// What a table of rules says: the first one that applies is the error.
pub(crate) type Checked = Result<(), Rule>;

/// What became of a received packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It began a super-packet.
    Held,
    /// Its payload was appended to a held super-packet.
    Merged,
    /// It left at once, unmodified.
    Passed,
    /// It is in no output.
    Rejected,
}

/// A table of rules. A condition is evaluated only if all earlier ones are
/// false, and may rely on that.
macro_rules! first {
    ($(($rule:literal, $condition:expr)),+ $(,)?) => {
        if false { Ok(()) } $(else if $condition { Err($rule) })+ else { Ok(()) }
    };
}

/// A call that is only there with the feature `layers`. All else is the core.
macro_rules! layers {
    ($code:expr) => {
        #[cfg(feature = "layers")]
        $code
    };
}

/// Ends a ones'-complement sum of 16-bit words.
pub(crate) fn fold(mut x: u64) -> u16 {
    while x > 0xffff {
        x = (x & 0xffff) + (x >> 16);
    }
    x as u16
}

/// The sum of the 16-bit words of the bytes. An odd last byte is the high half
/// of a word.
pub(crate) fn sum(bytes: &[u8]) -> u64 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0));
    bytes.chunks(2).map(word).sum()
}

/// The big-endian field of 2 bytes at an offset. The caller has compared the
/// offset with the length, as for the next two.
pub(crate) fn get16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// The big-endian field of 4 bytes at an offset.
pub(crate) fn get32(bytes: &[u8], at: usize) -> u32 {
    u32::from(get16(bytes, at)) << 16 | u32::from(get16(bytes, at + 2))
}

/// Writes a big-endian field of 2 bytes.
pub(crate) fn put16(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
}
