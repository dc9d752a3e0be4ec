"""The example's compose file, against the schema that the Compose project publishes."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "compose" / "compose.yml"


class ComposeFile(unittest.TestCase):
    def check(self, path):
        return subprocess.run(
            [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)],
            capture_output=True, text=True,
        )

    def test_the_example_is_what_the_schema_allows(self):
        checked = self.check(EXAMPLE)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_a_misspelt_key_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder, "compose.yml")
            wrong.write_text(EXAMPLE.read_text().replace("restart: always", "restrat: always"))
            checked = self.check(wrong)
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn("restrat", checked.stdout + checked.stderr)
