// SPDX-License-Identifier: MIT
//! What is answered to a run.

use std::fmt::Write;

use serde_json::{json, Value};

use crate::LINE_MAX;

/// A packet that leaves, or a segment.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its virtio header, little-endian, of 10 bytes or more.
    pub vnet: Vec<u8>,
    /// Its bytes.
    pub packet: Vec<u8>,
    /// The numbers of the packets in it; empty for a segment.
    pub of: Vec<usize>,
}

/// The answer to a run.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What leaves; and of each packet its verdict, and the rule that kept it
    /// from merging.
    Gro(Vec<Output>, Vec<(&'static str, Option<String>)>),
    /// The segments.
    Gso(Vec<Output>),
    /// The split is refused.
    Rejected,
    /// Why this cannot be asked.
    Skipped(String),
    /// Why the adapter failed.
    Error(String),
}

pub(crate) fn skipped(reason: &str) -> Answer {
    Answer::Skipped(reason.into())
}

pub(crate) fn error(reason: &str) -> Answer {
    Answer::Error(reason.into())
}

impl Answer {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Answer::Gro(outputs, told) => {
                let verdicts: Vec<_> = told.iter().map(|(verdict, _)| verdict).collect();
                let rules: Vec<_> = told.iter().map(|(_, rule)| rule).collect();
                json!({"output": list(outputs), "verdict": verdicts, "rule": rules})
            }
            Answer::Gso(outputs) => json!({ "output": list(outputs) }),
            Answer::Rejected => json!({"rejected": "EINVAL"}),
            Answer::Skipped(reason) => json!({ "skipped": { "reason": reason } }),
            Answer::Error(reason) => json!({ "error": reason }),
        }
    }
}

fn list(outputs: &[Output]) -> Vec<Value> {
    outputs.iter().map(output).collect()
}

fn output(output: &Output) -> Value {
    let mut digits = String::with_capacity(2 * output.packet.len());
    for byte in &output.packet {
        let _ = write!(digits, "{:02x}", byte);
    }
    let mut value = json!({ "packet": digits });
    if !output.of.is_empty() {
        value["of"] = json!(output.of);
    }
    let vnet = &output.vnet;
    if vnet.iter().all(|byte| *byte == 0) {
        return value;
    }
    let word = |at: usize| u16::from_le_bytes([vnet[at], vnet[at + 1]]);
    value["vnet"] = json!({"flags": vnet[0], "gso_type": vnet[1], "hdr_len": word(2),
                           "gso_size": word(4), "csum_start": word(6),
                           "csum_offset": word(8)});
    if vnet.len() == 24 {
        value["vnet"]["outer_th_offset"] = json!(word(20));
        value["vnet"]["inner_nh_offset"] = json!(word(22));
    }
    value
}

/// The line of an answer, with the seq of the request.
pub(crate) fn line(mut answer: Value, seq: Option<&Value>) -> String {
    if let Some(seq) = seq {
        answer["seq"] = seq.clone();
    }
    let text = answer.to_string();
    if text.len() < LINE_MAX {
        return text;
    }
    line(error("the answer is a line over 64 MiB").to_json(), seq)
}
