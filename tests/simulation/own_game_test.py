"""A game's own loadgen: the second game, registered in tests/support/duel_loadgen, through the same commands."""

import shutil

import harness

DUEL = harness.ROOT / "tests/support/duel_loadgen/duel.yaml"


class OwnGame(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.duel = "duel.yaml"
        shutil.copy(DUEL, self.folder / self.duel)

    def test_its_scenario_is_valid_runs_and_is_repeated_to_the_bit(self):
        self.assertEqual(self.loadgen("validate", self.duel).stdout, "duel.yaml: valid: duel, 6 clients, 20 s\n")
        self.assertIn("identical", self.loadgen("verify", self.duel).stdout)
        result = self.result(self.duel)
        self.assertEqual((result["verdict"], result["results"]["errors"]), ("passed", {}))

    def test_a_report_names_the_program_that_repeats_it(self):
        last = self.loadgen("run", self.duel, "--seed", "7").stdout.splitlines()[-1]
        self.assertEqual(last, "duel_loadgen run duel.yaml --seed 7")

    def test_its_world_keys_get_the_errors_of_every_other_key(self):
        for said, value in (
            ('world.dummies: expected a whole number such as 32, got "5Hz"', "world.dummies=5Hz"),
            ("world.dummies: must be between 0 and 1000, got 1001", "world.dummies=1001"),
            ('unknown key "dumies" in world; did you mean "dummies"?', "world.dumies=5"),
            ('world.game: expected duel, got "arena"', "world.game=arena"),
            ('there is no behaviour "gard" (duellist, guard, idle, scripted, replay); did you mean "guard"?', "clients.0.behaviour=gard"),
        ):
            self.assertIn(said, self.loadgen("inspect", self.duel, "--set", value, expect=104).stderr)

    def test_its_world_is_what_the_scenario_says(self):
        shown = self.loadgen("inspect", self.duel, "--set", "world.dummies=5").stdout
        self.assertIn("duel, 11 entities: 5 dummies, the rest players", shown)
        self.assertIn("5 duellist, 1 guard", shown)
        few = self.result(self.duel)["results"]["ticks"]
        many = self.result(self.duel, "--set", "world.dummies=5")["results"]["ticks"]
        self.assertEqual(many["entities_encoded"] - few["entities_encoded"], 2 * few["count"])

    def test_it_has_scripts_of_its_own(self):
        scripted = ["--set", "clients.0.behaviour=scripted", "--set", "world.dummies=0", "--set"]
        steps = "clients.0.script=[{repeat: [{guard: true, for: 1s}, {sidestep: left}, {turn: 2deg, strike: true, for: 500ms}]}]"
        struck = self.result(self.duel, *scripted, steps)["results"]["app_messages"]
        self.assertGreater(next(each["sent"] for each in struck if each["name"] == "struck"), 6)
        wrong = self.loadgen("inspect", self.duel, *scripted, "clients.0.script=[{walk: true}]", expect=104)
        self.assertIn('unknown key "walk" in clients[0].script[0]', wrong.stderr)
        wrong = self.loadgen("inspect", self.duel, *scripted, "clients.0.script=[{sidestep: lfet}]", expect=104)
        self.assertIn('expected one of left, right, got "lfet"; did you mean "left"?', wrong.stderr)

    def test_its_inputs_and_messages_are_recorded_and_replayed(self):
        recorded = self.result(self.duel, "--out", "inputs=inputs.jsonl")
        replay = self.result(self.duel, "--set", "clients.0.behaviour=replay", "--set", "clients.0.inputs=inputs.jsonl")
        for key in ("digest", "events"):  # the same run to the last event, taunts and their answers included
            self.assertEqual(replay[key], recorded[key])
        self.assertEqual(replay["results"]["world_digest"], recorded["results"]["world_digest"])
        self.assertEqual(replay["results"]["app_messages"], recorded["results"]["app_messages"])
        self.assertIn('"game": "duel"', (self.folder / "inputs.jsonl").read_text(encoding="utf-8").splitlines()[0])

    def test_without_a_world_its_first_game_is_played_with_defaults(self):
        self.write("plain.yaml", DUEL.read_text(encoding="utf-8").replace("world: {game: duel, dummies: 3}\n", ""))
        self.assertIn("duel, 6 entities: 0 dummies", self.loadgen("inspect", "plain.yaml").stdout)

    def test_its_messages_are_counted_by_name_in_both_directions(self):
        messages = {(each["name"], each["direction"]): each for each in self.result(self.duel)["results"]["app_messages"]}
        self.assertEqual(sorted(messages), [("struck", "downstream"), ("taunt", "upstream"), ("taunts", "downstream")])
        struck, taunt = messages["struck", "downstream"], messages["taunt", "upstream"]
        self.assertGreater(struck["sent"], 100)
        self.assertEqual(struck["sent"] % 6, 0)  # one for each player
        self.assertEqual(struck["sent_bytes"], 8 * struck["sent"])
        self.assertGreater(taunt["sent"], 10)
        for each in messages.values():  # reliable: late at most, by what is under way at either end
            self.assertLess(abs(each["sent"] - each["received"]), 20, each)

    def test_a_fighter_who_only_guards_strikes_nobody_and_is_never_struck(self):
        result = self.result(self.duel, "--set", "clients.0.behaviour=guard", "--set", "world.dummies=0")
        self.assertNotIn("app_messages", result["results"])
        self.assertIn("app_messages", self.result(self.duel, "--set", "world.dummies=0")["results"])


if __name__ == "__main__":
    harness.main()
