#!/usr/bin/env python3
"""What test reports say, for dev/test.

report.py KIND FILE...   first line "passed failed skipped"; then every test that was skipped, failed (with the first
                         lines of its stack), or passed at its second attempt only. KIND: surefire (XML), tap, unittest
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
                    notes.append("passed at its second attempt: %s; the first: %s" % (name, why[:300]))
    return passed, failed, skipped, notes


def tap(files):
    text = "".join(open(file, encoding="utf-8").read() for file in files)
    counts = dict(re.findall(r"^# (\w+) (\d+)$", text, re.M))
    of = lambda *names: sum(int(counts.get(name, 0)) for name in names)
    notes = re.findall(r"^ *(?:not )?ok .*# (?:SKIP|TODO).*", text, re.M)
    notes += re.findall(r"^ *not ok .*(?:\n.*){0,12}", text, re.M)
    return of("pass"), of("fail", "cancelled"), of("skipped", "todo"), notes


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
