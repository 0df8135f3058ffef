"""loadgen token: keys and tokens as files, for their owner alone, and what it refuses."""

import stat

import harness


class Token(harness.LoadgenTest):
    def mode(self, name):
        return stat.S_IMODE((self.folder / name).stat().st_mode)

    def lines(self, name):
        return (self.folder / name).read_text(encoding="ascii").splitlines()

    def test_a_key_is_made_once_and_readable_for_its_owner_alone(self):
        self.loadgen("token", "--new-key", "key", expect=0)
        self.assertEqual(self.mode("key"), 0o600)
        title, key = self.lines("key")
        self.assertEqual(title, "netrig token key 1")
        self.assertRegex(key, "^key: [0-9a-f]{64}$")
        run = self.loadgen("token", "--new-key", "key", expect=92)
        self.assertIn("key: File exists", run.stderr)
        self.assertEqual(self.lines("key"), [title, key])
        self.loadgen("token", "--new-key", "other", expect=0)
        self.assertNotEqual(self.lines("other"), [title, key])

    def test_a_token_is_issued_with_what_its_holder_needs(self):
        self.loadgen("token", "--new-key", "key", expect=0)
        run = self.loadgen("token", "--token-key", "key", "--out", "alice", "--identity", "alice", "--expires", "90s",
                           expect=0)  # fmt: skip
        self.assertIn("alice, good for one session within 90s", run.stdout)
        self.assertEqual(self.mode("alice"), 0o600)
        title, token, secret, signing_key = self.lines("alice")
        self.assertEqual(title, "netrig token 1")
        self.assertRegex(token, "^token: 01[0-9a-f]{788}$")
        self.assertRegex(secret, "^secret: [0-9a-f]{64}$")
        self.assertRegex(signing_key, "^signing_key: [0-9a-f]{64}$")
        self.loadgen("token", "--token-key", "key", "--out", "bob", expect=0)
        self.assertFalse(set(self.lines("bob")[1:]) & {token, secret, signing_key})

    def test_wrong_usage_is_2_and_says_what_is_wrong(self):
        self.loadgen("token", "--new-key", "key", expect=0)
        self.write("bad", "netrig token key 1\nkey: xyz\n")
        either = "either --new-key, or --token-key and --out"
        cases = [
            ([], either),
            (["--token-key", "key"], either),
            (["--out", "t"], either),
            (["--new-key", "k", "--token-key", "key", "--out", "t"], either),
            (["--token-key", "none", "--out", "t"], "none: No such file or directory"),
            (["--token-key", "bad", "--out", "t"], "bad:2: key must be 64 lower-case hex digits"),
            (["--token-key", "key", "--out", "t", "--expires", "25h"], "between 1s and 24h"),
            (["--token-key", "key", "--out", "t", "--expires", "1"], "--expires"),
            (["--token-key", "key", "--out", "./key"], "is the file that --token-key is read from"),
            (["--token-key", "key", "--out", "t", "--identity", "x" * 257], "at most 256 bytes"),
        ]
        for arguments, said in cases:
            with self.subTest(" ".join(arguments)):
                run = self.loadgen("token", *arguments, expect=2)
                self.assertIn(said, run.stderr)
                self.assertFalse((self.folder / "t").exists())

    def test_a_token_that_cannot_be_written_is_92(self):
        self.loadgen("token", "--new-key", "key", expect=0)
        run = self.loadgen("token", "--token-key", "key", "--out", "none/t", expect=92)
        self.assertIn("none/t: No such file or directory", run.stderr)


if __name__ == "__main__":
    harness.main()
