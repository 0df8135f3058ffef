"""What players say is recorded, and played again: the same inputs, the same world, over the same network or another."""

import json

import harness

WORLD = """\
netrig: 1
name: recorded
duration: 6s
transport: udp
world: {npcs: 3, pickups: 2}
clients:
  - name: fighters
    count: 4
    behaviour: {fight: 50%, wander: 50%}
    link: {rtt: {from: 100ms, to: 900ms}, jitter: 10ms, loss: 2%}
    churn: {stay: 3s, away: 500ms}
  - name: drilled
    count: 2
    behaviour: scripted
    input_rate: 60Hz
    script: [{repeat: [{heading: 30deg, walk: true, for: 700ms}, {wait: 200ms}, {aim: nearest, shoot: true, for: 1s}]}]
    link: {rtt: 300ms}
"""
REPLAY = [option for cohort in ("fighters", "drilled") for key, value in (("behaviour", "replay"), ("inputs", "inputs.jsonl"))
          for option in ("--set", f"clients.{cohort}.{key}={value}")]  # fmt: skip


class Replay(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.write("s.yaml", WORLD)
        self.recorded = self.result("s.yaml", "--seed", "3", "--out", "inputs=inputs.jsonl")
        self.text = (self.folder / "inputs.jsonl").read_text(encoding="utf-8")

    def test_the_recording_says_whose_it_is_and_holds_every_planned_input(self):
        lines = [json.loads(line) for line in self.text.splitlines()]
        self.assertEqual(lines[0]["netrig_inputs"], 1)
        self.assertEqual((lines[0]["scenario"], lines[0]["game"], lines[0]["seed"], lines[0]["clients"]), ("recorded", "arena", 3, 6))
        self.assertEqual(lines[0]["file_digest"], self.recorded["scenario"]["file_digest"])
        inputs = lines[7:-1]
        self.assertEqual(lines[-1], {"end": True, "inputs": sum(each["times"] for each in inputs), "messages": 0})
        self.assertEqual([each["at_ns"] for each in inputs], sorted(each["at_ns"] for each in inputs))
        acked = self.recorded["metrics"]["input_to_ack_seconds"]["count"]
        self.assertGreater(lines[-1]["inputs"], acked)
        self.assertGreater(acked, 500)

    def test_a_replay_is_the_same_run_to_the_last_event(self):
        again = self.result("s.yaml", "--seed", "3", *REPLAY, "--out", "inputs=again.jsonl")
        inputs = (self.folder / "again.jsonl").read_text(encoding="utf-8").split("\n", 1)[1]
        self.assertEqual(inputs, self.text.split("\n", 1)[1])  # the first line's digest is that of both files
        for key in ("digest", "events"):
            self.assertEqual(again[key], self.recorded[key])
        self.assertEqual(again["results"]["world_digest"], self.recorded["results"]["world_digest"])
        other = self.result("s.yaml", "--seed", "4")  # the digest can differ
        self.assertNotEqual(other["results"]["world_digest"], self.recorded["results"]["world_digest"])

    def test_the_same_players_can_play_over_another_network(self):
        self.loadgen("run", "s.yaml", "--quiet", "--seed", "3", *REPLAY, "--set", "clients.fighters.link={rtt: 2s}",
                     "--set", "measure={after: start}", "--duration", "12s", "--out", "inputs=slow.jsonl")
        slow = [json.loads(line) for line in (self.folder / "slow.jsonl").read_text(encoding="utf-8").splitlines()]
        said = {(each["client"], number): each["input"] for each in slow[7:-1] for number in range(each["number"], each["number"] + each["times"])}
        recorded = {(each["client"], number): each["input"] for each in map(json.loads, self.text.splitlines()[7:-1])
                    for number in range(each["number"], each["number"] + each["times"])}  # fmt: skip
        self.assertGreater(len(said), 300)
        self.assertEqual({key: recorded.get(key) for key in said}, said)

    def test_more_clients_than_were_recorded_begin_again_with_the_first(self):
        many = ["--set", "clients.drilled.count=5", "--set", "clients.drilled.behaviour=replay",
                "--set", "clients.drilled.inputs={file: inputs.jsonl, cohort: drilled, first: 1}"]  # fmt: skip
        self.loadgen("run", "s.yaml", "--quiet", *many, "--out", "inputs=many.jsonl")
        lines = [json.loads(line) for line in (self.folder / "many.jsonl").read_text(encoding="utf-8").splitlines()]
        spoke = {each["client"] for each in lines if "input" in each}
        self.assertLessEqual({f"drilled-{number}" for number in range(5)}, spoke)

    def test_a_recording_that_does_not_fit_is_refused_with_the_reason(self):
        for said, options in (
            ("inputs.jsonl fighters-0 was recorded at an input_rate of 20Hz; this cohort has 60Hz", ["clients.fighters.input_rate=60Hz"]),
            ('inputs.jsonl has no client "nobody-0"', ["clients.fighters.inputs={file: inputs.jsonl, cohort: nobody}"]),
            ("has 4 clients of fighters, so none has the number 4", ["clients.fighters.inputs={file: inputs.jsonl, first: 4}"]),
            ("No such file or directory", ["clients.fighters.inputs=nowhere.jsonl"]),
            ("Is a directory", ["clients.fighters.inputs=."]),
            ("clients[0].behaviour: replay needs `inputs`", ["clients.fighters.behaviour=replay"]),
        ):
            first = ["--set", "clients.fighters.behaviour=replay"]
            if "needs" not in said:
                first += ["--set", "clients.fighters.inputs=inputs.jsonl"]
            done = self.loadgen("run", "s.yaml", *first, *(part for option in options for part in ("--set", option)), expect=104)
            self.assertIn(said, done.stderr)

    def test_a_truncated_or_foreign_file_is_refused_with_its_line(self):
        for name, content, said in (
            ("cut.jsonl", self.text[: len(self.text) // 2], "the recording was cut off in the middle of this line"),
            ("headless.jsonl", self.text.split("\n", 1)[1], "cut.jsonl:1:1: not a recording of inputs"),
            ("s2.yaml", WORLD, ":1:1: not a recording of inputs"),
            ("empty", "", ":1:1: not a recording of inputs"),
            ("endless.jsonl", self.text.rsplit("\n", 2)[0] + "\n", "its last line is missing"),
            ("binary", b"\x00\xff\x7fELF", ":1:1: not a recording of inputs"),
        ):
            self.write(name, content)
            done = self.loadgen("inspect", "s.yaml", *REPLAY, "--set", f"clients.fighters.inputs={name}", expect=104)
            self.assertRegex(done.stderr, rf"(?m)^{name}:\d+:1: ")
            self.assertIn(said.replace("cut.jsonl", name), done.stderr)

    def test_another_games_recording_is_refused(self):
        self.write("duel.jsonl", self.text.replace('"game": "arena"', '"game": "duel"'))
        done = self.loadgen("validate", "s.yaml")
        self.assertIn("valid", done.stdout)
        done = self.loadgen("run", "s.yaml", *REPLAY, "--set", "clients.fighters.inputs=duel.jsonl", expect=104)
        self.assertIn("duel.jsonl was recorded in the game duel; this scenario plays arena", done.stderr)

    def test_a_recording_that_cannot_be_written_leaves_the_verdict_and_exits_92(self):
        done = self.loadgen("run", "s.yaml", "--out", "inputs=/no/such/folder/x", "--out", "json=r.json", expect=92)
        self.assertIn("PASSED", done.stdout)
        self.assertIn("/no/such/folder/x", done.stdout + done.stderr)
        self.assertEqual(self.read_json("r.json")["verdict"], "passed")

    def test_one_recording_is_of_one_run(self):
        done = self.loadgen("run", "s.yaml", "--seeds", "1..2", "--out", "inputs=x", expect=2)
        self.assertIn("--out inputs is of one run, and --seeds are several", done.stderr)
        self.assertFalse((self.folder / "x").exists())


if __name__ == "__main__":
    harness.main()
