"""`loadgen new`: a scenario to begin with is valid as it stands, and never costs anybody a file."""

import os

import harness


class New(harness.LoadgenTest):
    def test_every_template_is_valid_and_passes(self):
        for template in ("starter", "minimal", "lag"):
            with self.subTest(template):
                said = self.loadgen("new", f"my {template}.yaml", "--from", template)
                self.assertIn(f"wrote my {template}.yaml; next:", said.stdout)
                valid = self.loadgen("validate", f"my {template}.yaml")
                self.assertIn(f"valid: my-{template}, ", valid.stdout)
                self.assertEqual(valid.stderr, "")
                self.loadgen("run", f"my {template}.yaml", "--quiet")

    def test_a_file_may_be_called_what_yaml_takes_for_something_else(self):
        for name in ("null", "~", "-", "1e3", "true", "?"):
            with self.subTest(name):
                self.loadgen("new", f"./{name}.yaml", "--from", "minimal")
                self.loadgen("validate", f"./{name}.yaml")

    def test_the_starter_explains_itself_and_every_key_that_it_leaves_out_can_be_put_in(self):
        self.loadgen("new", "s.yaml")
        text = (self.folder / "s.yaml").read_text(encoding="utf-8")
        self.assertGreater(text.count("#"), 15)
        commented = [line for line in text.splitlines() if line.startswith("  # ")]
        self.assertTrue(commented)
        for line in commented:
            self.write("with.yaml", text.replace(line, line.replace("  # ", "  ", 1)))
            self.loadgen("validate", "with.yaml")

    def test_a_file_that_exists_stays_as_it_is(self):
        self.write("mine.yaml", "precious")
        os.symlink("nowhere", self.folder / "link.yaml")
        for name in ("mine.yaml", "link.yaml", ".", "no/folder/x.yaml"):
            run = self.loadgen("new", name, expect=92)
            self.assertIn("nothing was written", run.stderr)
            self.assertEqual(run.stdout, "")
        self.assertEqual((self.folder / "mine.yaml").read_text(encoding="utf-8"), "precious")
        self.assertFalse((self.folder / "nowhere").exists())

    def test_an_unknown_template_is_wrong_usage(self):
        self.assertIn('did you mean "minimal"?', self.loadgen("new", "x.yaml", "--from", "minimum", expect=2).stderr)
        self.assertFalse((self.folder / "x.yaml").exists())


if __name__ == "__main__":
    harness.main()
