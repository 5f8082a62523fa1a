// SPDX-License-Identifier: MIT
//! Lines that a runner should not send.

use grove_protocol::{reply, Answer, Config, Entry, Implementation};

struct Nothing;

impl Implementation for Nothing {
    const NAME: &'static str = "nothing";

    fn profiles() -> Vec<String> {
        vec!["linux-6.18".into()]
    }

    fn gro(_: &Config, input: &[Entry]) -> Answer {
        Answer::Gro(Vec::new(), input.iter().map(|_| ("rejected", None)).collect())
    }

    fn gso(_: &Config, _: &[u8], _: &[u8]) -> Answer {
        Answer::Rejected
    }
}

fn expect(line: &str, words: &str) {
    let answer = reply::<Nothing>(line.as_bytes()).unwrap();
    assert!(answer.contains(words), "{}: {}", line, answer);
}

/// A run with these fields behind its seq.
fn expect_run(fields: &str, words: &str) {
    expect(&format!(r#"{{"cmd":"run","seq":1,{}}}"#, fields), words);
}

#[test]
fn bad_lines_are_errors() {
    for line in ["", "[]", "{", r#"{"cmd":"hello"}"#, r#"{"cmd":"?","seq":null}"#] {
        expect(line, r#"{"error":"#);
    }
    expect(r#"{"cmd":"?","seq":5}"#, r#""seq":5"#);
    expect_run(r#""op":"gro","profile":"p""#, "input: not a list");
    expect_run(r#""op":"gro","profile":"p","input":[],"more":1"#, "unknown field");
    expect_run(r#""op":"gro","input":[]"#, "profile: not a string");
    expect_run(r#""op":"?","profile":"p","input":[]"#, "op is neither");
}

#[test]
fn bad_inputs_are_errors() {
    for (entry, words) in [
        ("null", "not an object"),
        ("{}", "neither a packet"),
        (r#"{"flush":false}"#, "neither a packet"),
        (r#"{"packet":"","flush":true}"#, "neither a packet"),
        (r#"{"packet":"4"}"#, "hex"),
        (r#"{"packet":"4g"}"#, "hex"),
        (r#"{"packet":1}"#, "hex"),
        (r#"{"packet":"","vnet":"00"}"#, "not 10 bytes"),
        (r#"{"packet":"","hash":4294967296}"#, "hash"),
        (r#"{"packet":"","hash":"1"}"#, "hash"),
        (r#"{"hash":1}"#, "neither a packet"),
    ] {
        expect_run(&format!(r#""op":"gro","profile":"p","input":[{}]"#, entry), words);
    }
    expect_run(r#""op":"gso","profile":"p","input":[{"flush":true}]"#, "op is neither");
}

#[test]
fn unknown_configurations_are_skipped() {
    for config in [
        "1",
        r#"{"more":1}"#,
        r#"{"max_flows":0}"#,
        r#"{"max_flows":65537}"#,
        r#"{"udp":1}"#,
        r#"{"csum":"?"}"#,
        r#"{"mode":"?"}"#,
        r#"{"link":"?"}"#,
        r#"{"tunnels":"gre"}"#,
        r#"{"tunnels":[1]}"#,
        r#"{"vnet_len":11}"#,
        r#"{"max_bytes":65534}"#,
        r#"{"max_bytes":524281}"#,
        r#"{"fraglist":1}"#,
        r#"{"hash":1}"#,
    ] {
        let fields = format!(r#""op":"gro","profile":"p","input":[],"config":{}"#, config);
        expect_run(&fields, "skipped");
    }
}

#[test]
fn good_lines_are_answered() {
    expect(r#"{"cmd":"hello","protocol":1}"#, r#""impl":"nothing""#);
    expect_run(r#""op":"gso","profile":"p","input":[{"packet":""}],"x-a":1"#, "EINVAL");
    expect_run(r#""op":"gro","profile":"p","input":[{"packet":"45"}]"#, r#"["rejected"]"#);
    assert_eq!(reply::<Nothing>(br#"{"cmd":"bye"}"#), None);
}

#[test]
fn virtio_headers_are_as_long_as_the_configuration_says() {
    let twelve = r#"[{"packet":"","vnet":"000000000000000000000000"},{"packet":""}]"#;
    let ask = |length: usize, words: &str| {
        let config = format!(r#"{{"link":"ethernet","tunnels":["gre"],"vnet_len":{}}}"#, length);
        let fields = format!(r#""op":"gro","profile":"p","config":{},"input":"#, config);
        expect_run(&format!("{}{}", fields, twelve), words);
    };
    ask(12, r#"["rejected","rejected"]"#);
    ask(10, "not 10 bytes");
    ask(24, "not 24 bytes");
}
