# SPDX-License-Identifier: MIT
"""The results as one page of HTML, which needs no network."""

import pathlib

from scripts.peers import markdown, questions, results, words

PROFILE = "linux-6.18"
TEMPLATE = pathlib.Path(__file__).with_name("page.html")


def case(question, linux, peer, why, confirmed, name):
    """What a click shows."""
    return {"name": name, "op": question["op"],
            "config": question.get("config") or {},
            "input": words.shown(question["input"]),
            "linux": words.answer_lines(linux),
            "peer": words.answer_lines(peer), "why": why,
            "confirmed": confirmed or ""}


def expected(vector):
    """What Linux 6.18 gives, with whole packets."""
    answer = vector["expect"][PROFILE]
    while isinstance(answer, str):  # "= linux-6.12"
        answer = vector["expect"][answer.removeprefix("= ")]
    inputs = [entry["packet"] for entry in vector["input"]
              if "packet" in entry]
    if "output" not in answer:
        return answer
    return {"output": [{**output, "packet": whole(output, inputs)}
                       for output in answer["output"]]}


def whole(output, inputs):
    if "packet" in output:
        return output["packet"]
    return output["header"] + "".join(
        inputs[number][2 * offset:2 * (offset + length)]
        for number, offset, length in output["payload"])


def cell(peer, rule, vectors):
    """A cell of the table, or None if the peer was not asked."""
    found = peer.rules.get(rule)
    if found is None:
        return None
    shown = {"text": markdown.cell_words(found).replace("**", ""),
             "levels": found["levels"], "skipped": found["skipped"],
             "reason": found.get("reason", "")}
    if "worst" in found:
        worst = found["worst"]
        vector = vectors[worst["vector"]]
        op = {"op": vector["op"], **worst}
        shown["case"] = case(questions.question(vector), expected(vector),
                             worst["peer"], worst["why"], peer.confirmed(op),
                             f"{vector['id']}: {vector['title']}")
    return shown


def harm(peer):
    """What is unsafe, the worst first."""
    for group in peer.groups():
        field = group.get("field", "")
        yield {"op": group["op"], "kind": group["kind"], "field": field,
               "count": group["count"] if group["seen"] == "vectors" else 0,
               "batches": peer.batches(group["op"], group["kind"], field),
               "case": case(group["question"], group["linux"], group["peer"],
                            group["why"], peer.confirmed(group),
                            "shrunk from " + (
                                group["vector"] if group["seen"] == "vectors"
                                else "a random batch"))}


def data(root, shown):
    """All that the page shows."""
    vectors = results.vectors(root)
    columns = results.by_rule(shown)
    return {
        "columns": [shown.index(peer) for peer in columns],
        "peers": [{"name": peer.name, "title": peer.title,
                   "version": peer.version, "date": peer.result["date"],
                   "kernel": peer.result["kernel"],
                   "levels": peer.check["levels"],
                   "kinds": peer.check["kinds"],
                   "skipped": peer.check["skipped"],
                   "reasons": peer.check["reasons"],
                   "share": markdown.percent(peer.share()),
                   "about": {name: peer.about[name] for name in
                             ("source", "code", "asked", "skipped", "note")},
                   "harm": list(harm(peer))} for peer in shown],
        "rules": [{"id": rule, "text": text,
                   "cells": [cell(peer, rule, vectors) for peer in columns]}
                  for rule, text in results.rules(root, columns)],
        "reports": [{"path": f"reports/{path}", "title": title,
                     "severity": severity}
                    for path, title, severity in results.reports(root)]}


def page(root, shown):
    text = results.compact(data(root, shown)).replace("</", "<\\/")
    return TEMPLATE.read_text(encoding="utf-8").replace("@DATA@", text)
