// SPDX-License-Identifier: MIT
//! The adapter protocol, version 1, of vectors/README.md, for any
//! implementation: a JSON object a line on standard input, an answer for each
//! on standard output.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod request;

use std::io::{self, BufRead, Read, Write};

use serde_json::{json, Map, Value};

pub use answer::{Answer, Output};
pub use request::{Config, Entry};

/// No line is longer, in bytes.
pub const LINE_MAX: usize = 64 << 20;

/// An implementation that can be asked.
pub trait Implementation {
    /// Its name in the hello.
    const NAME: &'static str;

    /// The profiles that can be asked.
    fn profiles() -> Vec<String>;

    /// Coalesces the input with a new table.
    fn gro(config: &Config, input: &[Entry]) -> Answer;

    /// Splits a packet with its virtio header.
    fn gso(config: &Config, vnet: &[u8], packet: &[u8]) -> Answer;
}

/// Answers the lines of standard input until `bye` or its end.
pub fn serve<I: Implementation>() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut stdout = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        stdin.by_ref().take(LINE_MAX as u64 + 1).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let answer = match reply::<I>(&line) {
            Some(answer) => answer,
            None => return Ok(()),
        };
        stdout.write_all(answer.as_bytes())?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
}

/// The line that answers one; `None` to bye.
pub fn reply<I: Implementation>(line: &[u8]) -> Option<String> {
    let request: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return Some(json!({ "error": error.to_string() }).to_string()),
    };
    let seq = request.get("seq").filter(|seq| seq.is_i64() || seq.is_u64());
    let answer = match request.get("cmd").and_then(Value::as_str) {
        Some("bye") => return None,
        Some("hello") if request.get("protocol") == Some(&json!(1)) => hello::<I>(),
        Some("run") if seq.is_some() => run::<I>(&request).to_json(),
        _ => Answer::Error("no such cmd, or a field of it is missing".into()).to_json(),
    };
    Some(answer::line(answer, seq))
}

fn hello<I: Implementation>() -> Value {
    json!({"impl": I::NAME, "version": env!("CARGO_PKG_VERSION"),
           "profiles": I::profiles(), "ops": ["gro", "gso"],
           "tiers": ["output", "verdict", "rule"]})
}

fn run<I: Implementation>(request: &Map<String, Value>) -> Answer {
    let read = request::config(request).and_then(|config| {
        let input = request::input(request, config.vnet_len)?;
        Ok((config, input))
    });
    let (config, input) = match read {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    match (request.get("op").and_then(Value::as_str), &*input) {
        (Some("gro"), input) => I::gro(&config, input),
        (Some("gso"), [Entry::Packet(vnet, packet, _)]) => I::gso(&config, vnet, packet),
        _ => Answer::Error("op is neither gro nor gso of one packet".into()),
    }
}
