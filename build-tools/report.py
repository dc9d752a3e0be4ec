#!/usr/bin/env python3
"""What test reports say, for dev/test.

report.py KIND FILE...   first line "passed failed skipped"; then every test that was skipped, failed (with the first
                         lines of its stack), or passed at a later attempt only. KIND: surefire (XML), tap, unittest
                         (Python's text), checks ("# pass N").
"""
import re
import sys
import xml.etree.ElementTree as xml


def surefire(files):
    passed, failed, skipped, notes = 0, 0, 0, []
    for file in files:
        try:
            cases = list(xml.parse(file).iter("testcase"))
        except (xml.ParseError, OSError) as e:
            failed += 1
            notes.append("failed: %s cannot be read: %s" % (file, e))
            continue
        for case in cases:
            name = "%s.%s" % (case.get("classname"), case.get("name"))
            faults = [*case.findall("failure"), *case.findall("error")]
            if case.find("skipped") is not None:
                skipped += 1
                notes.append("skipped: " + name)
            elif faults:
                failed += 1
                notes.append("failed: %s (after %s s)" % (name, case.get("time")))
                for fault in faults:
                    lines = (fault.text or fault.get("message") or "").strip().splitlines()
                    ours = [line for line in lines[12:] if "dev.reverb" in line or line.startswith("Caused by")]
                    notes += ["    " + line[:300] for line in lines[:12] + ours[:8]]
            else:
                passed += 1
                for fault in [*case.findall("flakyFailure"), *case.findall("flakyError")]:
                    why = fault.get("message") or fault.get("type")
                    notes.append("passed at a later attempt: %s; the first: %s" % (name, why[:300]))
    return passed, failed, skipped, notes


def tap(files):
    """The second file, if there is one, is of a second attempt of what failed in the first."""
    attempts = [open(file, encoding="utf-8").read() for file in files]
    counts = [dict(re.findall(r"^# (\w+) (\d+)$", text, re.M)) for text in attempts]
    of = lambda attempt, *names: sum(int(attempt.get(name, 0)) for name in names)
    faults = [re.findall(r"^ *not ok .*(?:\n.*){0,12}", text, re.M) for text in attempts]
    passed, failed = of(counts[0], "pass"), of(counts[0], "fail", "cancelled")
    notes = re.findall(r"^ *(?:not )?ok .*# (?:SKIP|TODO).*", attempts[0], re.M)
    if len(attempts) > 1:
        still = of(counts[1], "fail", "cancelled")
        notes += ["at the first attempt: " + fault for fault in faults[0]]
        passed, failed = passed + max(0, failed - still), still
    return passed, failed, of(counts[0], "skipped", "todo"), notes + faults[-1]


def checks(files):
    return (*tap(files)[:2], 0, [])


def unittest(files):
    text = "".join(open(file, encoding="utf-8").read() for file in files)
    ran = sum(int(n) for n in re.findall(r"^Ran (\d+) tests? in", text, re.M))
    counts = dict(re.findall(r"(failures|errors|skipped)=(\d+)", "".join(re.findall(r"^(?:OK|FAILED).*", text, re.M))))
    bad = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    skipped = int(counts.get("skipped", 0))
    return max(0, ran - bad - skipped), bad, skipped, re.findall(r"^(?:FAIL|ERROR): .*(?:\n.*){0,12}", text, re.M)


passed, failed, skipped, notes = globals()[sys.argv[1]](sys.argv[2:])
print(passed, failed, skipped)
print("\n".join(notes))
