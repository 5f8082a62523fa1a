// SPDX-License-Identifier: MIT
//! Errors, rules and the names of profiles.

use core::fmt;

/// The most bytes of a name, with its NUL: `GROVE_PROFILE_NAME_SIZE`.
const NAME_SIZE: usize = 1024;

/// Why a call failed: an `enum grove_error`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(i32);

impl Error {
    /// Turns the result of a call into a `Result`.
    pub(crate) fn check(error: i32) -> Result<(), Error> {
        match error {
            grove_sys::GROVE_OK => Ok(()),
            error => Err(Error(error)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the function takes any value, and its string is static.
        to.write_str(unsafe { text(grove_sys::grove_error_words(self.0)) })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Error {}

/// A rule of SPEC.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule(i32);

impl Rule {
    pub(crate) fn new(rule: i32) -> Option<Rule> {
        Some(Rule(rule)).filter(|rule| rule.0 != 0)
    }

    /// Its id, as "GRO-TCP-001".
    pub fn id(&self) -> &'static str {
        // SAFETY: the rule is one that the library gave; its id is static.
        unsafe { text(grove_sys::grove_rule_id(self.0)) }
    }
}

/// The profiles that have a name of their own, the oldest kernel first.
pub fn profiles() -> impl Iterator<Item = &'static str> {
    // SAFETY: the list is static and ends with NULL, and so are its strings.
    let name = |index| unsafe {
        let name = *grove_sys::grove_profiles().add(index);
        (!name.is_null()).then(|| text(name))
    };
    (0..).map_while(name)
}

/// Calls back with the name and a NUL behind it, or NULL for `None`. A name
/// that is too long or has a NUL is the name of no profile, as "?" is.
pub(crate) fn with_name<T>(name: Option<&str>, call: impl FnOnce(*const u8) -> T) -> T {
    let mut copy = [0; NAME_SIZE];
    match name.unwrap_or_default() {
        "" if name.is_none() => return call(core::ptr::null()),
        name if name.len() < NAME_SIZE && !name.contains('\0') => {
            copy[..name.len()].copy_from_slice(name.as_bytes());
        }
        _ => copy[0] = b'?',
    }
    call(copy.as_ptr())
}

/// A static string of the library, which is ASCII.
///
/// # Safety
///
/// `string` ends with a NUL, and is static.
unsafe fn text(string: *const u8) -> &'static str {
    let mut length = 0;
    while *string.add(length) != 0 {
        length += 1;
    }
    core::str::from_utf8_unchecked(core::slice::from_raw_parts(string, length))
}
