"""`loadgen schema` says what the loader reads: neither knows a key, a word or a bound that the other does not."""

import json
import pathlib
import re
import subprocess

import harness
import jsonschema
import yaml

VARIABLE = "${SOMETHING}"
NO_SUCH_KEY = "qqqqqqqqqqqq"
BARE = "netrig: 1\nname: bare\nduration: 2s\ntransport: memory\nclients:\n  - name: a\n    count: 1\n"
TOO_MUCH = {"duration": "999999h", "size": "9999999GiB", "data_rate": "999999Gbit/s", "frequency": "999999kHz",
            "length": "99999km", "percentage": "101%", "angle": "99999deg"}  # fmt: skip
QUANTITIES = {
    "duration": ("200ms 1.5s 0s 24h 3ns 0.5ms 1m", "5 s5 -1s 01s 1e3s 5parsecs .5s 5.s 5S 1h30m"),
    "size": ("64KiB 1500B 2kB 1GiB", "64 64kb -1B 64K 01kB"),
    "data_rate": ("8Mbit/s 100kB/s 1Gbit/s", "8Mbit 8Mbps -1B/s 100"),
    "frequency": ("20Hz 1kHz", "20 20hz -1Hz 020Hz"),
    "length": ("100m 50cm 1km", "100 100M -1m 010m"),
    "angle": ("90deg 22.5deg 0deg", "90 90° -1deg 090deg 1rad"),
    "percentage": ("0.1% 100% 0%", "0.1 5 -1% 01% 5percent"),
}
BAD = {
    "an unknown key": "nmae: x\n",
    "an unknown key in a map": "server: {tickrate: 20Hz}\n",
    "a missing unit": "server: {tick_rate: 20}\n",
    "an unknown unit": "server: {tick_rate: 20hz}\n",
    "a number below its bound": "server: {players_max: 0}\n",
    "a number above its bound": "world: {npcs: 10001}\n",
    "a word that is not on the list": "phase: sometimes\n",
    "a number in quotes": 'seed: "7"\n',
    "a map for a value": "transport: {kind: tcp}\n",
    "a value for a map": "server: fast\n",
    "a list for a map": "measure: [start]\n",
    "an unknown metric": 'thresholds: {desyncs: "count==0"}\n',
    "an aggregate that the metric does not have": 'thresholds: {desyncs_total: "p(95)<1"}\n',
    "a threshold that compares nothing": 'thresholds: {rtt_seconds: "p(95)"}\n',
    "an empty list of expressions": "thresholds: {rtt_seconds: []}\n",
    "no value": "seed:\n",
    "another version": "netrig: 2\n",
    "a bad name": "name: a b\n",
}
BAD_COHORT = {
    "no count": "  - {name: b}\n",
    "an unknown behaviour": "  - {name: b, count: 1, behaviour: dance}\n",
    "an unknown behaviour in a mix": "  - {name: b, count: 1, behaviour: {dance: 100%}}\n",
    "an empty mix": "  - {name: b, count: 1, behaviour: {}}\n",
    "a range without an end": "  - {name: b, count: 1, link: {rtt: {from: 1s}}}\n",
    "three delays": "  - {name: b, count: 1, link: {up: {delay: {uniform: [1ms, 2ms, 3ms]}}}}\n",
    "no shape of delay": "  - {name: b, count: 1, link: {up: {delay: {}}}}\n",
    "two events in one": "  - {name: b, count: 1, link: {schedule: [{outage: {at: 1s, for: 1s}, hold: {at: 1s, for: 1s}}]}}\n",
    "a loss that says nothing": "  - {name: b, count: 1, link: {loss: {}}}\n",
    "a shape that is a word": "  - {name: b, count: 1, link: {up: {delay: {pareto: {min: 1ms, scale: 1ms, shape: heavy, max: 1s}}}}}\n",
    "a shape below its bound": "  - {name: b, count: 1, link: {up: {delay: {pareto: {min: 1ms, scale: 1ms, shape: 0.4, max: 1s}}}}}\n",
    "a household without a line": "  - {name: b, count: 1, link: {household: {size: 2}}}\n",
    "a truth that is none": "  - {name: b, count: 1, link: {jitter_reorders: maybe}}\n",
    "an empty cohort": "  - {}\n",
}


def maps(schema, path=()):
    """Every map of the schema: its path, and itself."""
    alternatives = schema.get("anyOf", [schema])
    for one in alternatives:
        if one.get("type") == "object":
            yield path, one
            for key, value in one["properties"].items():
                yield from maps(value, (*path, key))
        elif one.get("type") == "array":
            yield from maps(one["items"], (*path, "0"))


class Schema(harness.LoadgenTest):
    def setUp(self):
        super().setUp()
        self.schema = json.loads(self.loadgen("schema").stdout)
        self.validator = jsonschema.Draft202012Validator(self.schema)
        self.write("bare.yaml", BARE)

    def errors(self, text):
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in self.validator.iter_errors(yaml.safe_load(text))]

    def said(self, path, value):
        """What the loader says about a bare scenario with this value at this path."""
        for at, part in enumerate(path):
            if part != "0" or path[:at] == ("clients",):  # the bare scenario has one cohort, and no other list
                continue
            for key in reversed(path[at + 1 :]):
                value = f"[{value}]" if key == "0" else f"{{{key}: {value}}}"
            path, value = path[:at], f"[{value}]"
            break
        arguments = ["--set", f"{'.'.join(path)}={value}"]
        done = subprocess.run([harness.program(), "inspect", "bare.yaml", *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stderr

    def values(self):
        """Every alternative of every key: its path, its key and itself."""
        for path, one in maps(self.schema):
            for key, value in one["properties"].items():
                for alternative in value.get("anyOf", [value]):
                    yield (*path, key), value, alternative

    def test_it_is_a_schema_of_2020_12(self):
        self.assertEqual(self.schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_all_scenarios_and_the_examples_of_the_document_are_valid(self):
        own = harness.ROOT / "tests/support" / pathlib.Path(harness.program()).name
        files = sorted(own.glob("*.yaml")) or sorted(harness.SCENARIOS.glob("*.yaml"))
        self.assertTrue(files)
        for file in files:
            self.assertEqual(self.errors(file.read_text(encoding="utf-8")), [], file.name)
        self.assertEqual(self.errors(BARE), [])
        if own.is_dir():
            return  # the document is about the built-in game
        document = (harness.SCENARIOS / "README.md").read_text(encoding="utf-8")
        examples = re.findall(r"^```yaml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
        self.assertGreater(len(examples), 3)
        for example in examples:
            self.assertEqual(self.errors(yaml.safe_dump(self.completed(yaml.safe_load(example)))), [], example)

    def completed(self, example):
        """A whole scenario out of one of its parts: top-level keys, or those of a cohort."""
        whole = yaml.safe_load(BARE)
        for key, value in example.items():
            (whole if key in self.schema["properties"] else whole["clients"][0])[key] = value
        return whole

    def test_each_map_has_the_keys_that_the_loader_names(self):
        checked = 0
        for path, one in maps(self.schema):
            if path[-1:] in (("thresholds",), ("behaviour",)):
                continue  # their keys are names of things; see the next two
            said = self.said((*path, NO_SUCH_KEY), "1")
            known = re.search(rf'unknown key "{NO_SUCH_KEY}".*?; known keys: (.*)', said)
            self.assertTrue(known, f"{path}: {said}")
            self.assertEqual(sorted(known[1].split(", ")), sorted(one["properties"]), path)
            checked += 1
        self.assertGreater(checked, 10)

    def test_the_metrics_of_thresholds_are_those_of_a_result(self):
        metrics = self.result("bare.yaml")["metrics"]
        self.assertEqual(sorted(self.schema["properties"]["thresholds"]["properties"]), sorted(metrics))

    def test_the_behaviours_are_those_that_the_loader_names(self):
        cohort = self.schema["properties"]["clients"]["items"]["properties"]["behaviour"]["anyOf"]
        (names,) = [one["enum"] for one in cohort if "enum" in one]
        (mix,) = [list(one["properties"]) for one in cohort if one.get("type") == "object"]
        said = re.search(r"there is no behaviour \"zzzz\" \((.*?)\)", self.said(("clients", "0", "behaviour"), "zzzz"))
        self.assertEqual(said[1].split(", "), names)
        self.assertEqual(names, mix)

    def test_each_word_of_a_list_is_the_loaders(self):
        lists = 0
        for path, key, alternative in self.values():
            alternatives = [one for one in key.get("anyOf", [key]) if one.get("$ref") != "#/$defs/variable"]
            if "enum" not in alternative or len(alternatives) > 1:
                continue  # a word beside other ways to write it is not all that the loader names
            said = re.search(r"expected (?:one of )?(.*?), got \"zzzz\"", self.said(path, "zzzz"))
            self.assertTrue(said, path)
            self.assertEqual(said[1].split(", "), alternative["enum"], path)
            lists += 1
        self.assertGreater(lists, 5)

    def test_each_bound_is_the_loaders(self):
        bounds = 0
        for path, key, alternative in self.values():
            if alternative.get("type") == "integer":
                low, high = alternative["minimum"], alternative["maximum"]
                if high < 2**63 - 1 and low != high:
                    self.assertIn(f"must be between {low} and {high}, got", self.said(path, high + 1), path)
                    bounds += 1
            kind = alternative.get("$ref", "").rpartition("/")[2]
            if kind in TOO_MUCH and kind != "percentage":
                said = re.search(r"must be between (.*?) and (.*?), got", self.said(path, TOO_MUCH[kind]))
                self.assertTrue(said, path)
                self.assertIn(f"From {said[1]} to {said[2]}.", key["description"], path)
                bounds += 1
        self.assertGreater(bounds, 20)

    def test_each_key_says_what_it_means(self):
        for path, one in maps(self.schema):
            for key, value in one["properties"].items():
                self.assertRegex(value["description"], r"^\S.{4,}", (*path, key))

    def test_quantities_are_written_as_the_loader_reads_them(self):
        places = {}
        for path, _, alternative in self.values():
            places.setdefault(alternative.get("$ref", "").rpartition("/")[2], path)
        self.assertGreaterEqual(len(places.keys() & QUANTITIES.keys()), 5)
        for kind, (good, bad) in QUANTITIES.items():
            if kind not in places:
                continue  # this game has no such key
            validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": self.schema["$defs"]})
            for value in good.split():
                self.assertTrue(validator.is_valid(value), value)
                self.assertNotRegex(self.said(places[kind], value), "expected|has no unit|leading zero|negative", value)
            for value in bad.split():
                self.assertFalse(validator.is_valid(value), f"{kind} {value}")
                self.assertRegex(self.said(places[kind], value), "expected|has no unit|leading zero|negative", value)

    def test_a_variable_may_stand_for_any_value(self):
        text = "netrig: 1\nname: ${N}\nduration: ${D:-10s}\nseed: ${S}\nphase: ${P}\nserver: {players_max: '${M}'}\nclients: [{name: a, count: '${C}'}]\n"
        self.assertEqual(self.errors(text), [])

    def test_both_refuse_what_is_wrong(self):
        bad = {why: self.replaced(lines) for why, lines in BAD.items()} | {why: BARE + lines for why, lines in BAD_COHORT.items()}
        for why, text in bad.items():
            with self.subTest(why):
                self.assertNotEqual(self.errors(text), [], text)
                self.write("bad.yaml", text)
                self.loadgen("validate", "bad.yaml", expect=104)

    @staticmethod
    def replaced(lines):
        """The bare scenario with these lines, instead of its own of the same key."""
        key = lines.partition(":")[0]
        return re.sub(rf"^{key}:.*\n", "", BARE, flags=re.MULTILINE) + lines


if __name__ == "__main__":
    harness.main()
