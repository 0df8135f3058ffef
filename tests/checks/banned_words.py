"""Words that would make a run depend on the machine, with what to write instead.

A line that needs one all the same says why in a comment: `// allowed: reason`."""

import re

import check

PLACES = re.compile(r"(core|sim)/|loadgen/scenario/plan")
# v1's doubles are made from integers in one file, by one conversion and one division.
INTEGER_ONLY = re.compile(r"(core/(world/(?!v1_columns)|replication/)|sim/)")
ALLOWED = re.compile(r"//.*\ballowed: \w+")
WALL_CLOCK = "the `Instant now` that was passed in"
OWN_RANDOM = "netrig::Random with a named fork of the run's seed"
ONE_THREAD = "nothing: a shard is one thread's whole universe"
WORDS = [
    (r"\b(steady|system|high_resolution)_clock\b", WALL_CLOCK),
    (r"\b(sleep_for|sleep_until|clock_gettime|gettimeofday)\b|\bstd::time\b", "Scheduler::schedule"),
    (r"\brandom_device\b|\bs?rand\s*\(|\bmt19937\w*|\w+_distribution\b", OWN_RANDOM),
    (r"\bj?thread\b|\bthread_local\b|\w*mutex\b|\b(std::)?atomic\w*", ONE_THREAD),
    (r"<(thread|mutex|shared_mutex|atomic|condition_variable|future)>", ONE_THREAD),
    (r"\bgetenv\b", "an argument: the environment is the command line's affair"),
    (r"\bunordered_\w+", "a std::vector sorted by id, or std::map: only ordered containers are iterated"),
    (r"<iostream>|\bstd::(cout|cerr|clog)\b", "an observer: core and sim print nothing"),
    (
        r"(?<![\w.>:])(?:std::)?(log|log2|log10|log1p|exp|exp2|expm1|pow|sin|cos|tan|asin|acos|atan|atan2|hypot|cbrt)f?\s*\(",
        "a committed integer table: libm gives other bits with and without FMA",
    ),
    (r"<(cmath|math\.h|random)>", "integer arithmetic and committed tables"),
]
FLOATS = (r"\b(float|double)\b", "int32 in fixed point, integer nanoseconds, parts per million")


def find(root, build):
    del build
    for file in check.files(root, ".h", ".cc"):
        path = check.name(root, file)
        if not PLACES.match(path):
            continue
        rules = WORDS + ([FLOATS] if INTEGER_ONLY.match(path) else [])
        text = file.read_text(encoding="utf-8")
        for number, (line, code) in enumerate(zip(text.split("\n"), check.code_only(text).split("\n")), 1):
            if ALLOWED.search(line):
                continue
            for word, instead in rules:
                if banned := re.search(word, code):
                    yield f"{path}:{number}: '{banned[0].strip()}' is banned here; use {instead}"


GOOD = {
    "core/base/a.cc": '// no thread, no steady_clock\nint x = f("rand()"); int y = observer.log(1);\n',
    "sim/time/a.h": "double seconds();  // allowed: for people to read\n",
    "core/world/v1_columns.cc": "double v1 = steps / 100.0;\n",
    "loadgen/main.cc": "#include <iostream>\nstd::atomic<int> interrupted; double speedup;\n",
    "core/venture/c.cc": "double v1 = steps / 100.0;\n",
}


def written(path, code):
    return check.Case(f"{code} in {path}", f"{path}:2: ", {path: f"\n{code}\n"})


CASES = [
    *(
        written("core/server/b.cc", code)
        for code in (
            "auto now = std::chrono::steady_clock::now();",
            "std::random_device entropy;",
            "int x = rand();",
            "std::normal_distribution<> normal;",
            "std::thread worker;",
            "std::shared_mutex lock;",
            "std::atomic_int count;",
            "std::this_thread::sleep_for(x);",
            'getenv("HOME");',
            "std::unordered_map<int, int> peers;",
            "#include <iostream>",
            "auto y = std::log(x);",
            "auto y = pow(x, 2);",
            "std::mutex lock;  // allowed:",
        )
    ),
    written("sim/network/b.h", "double delay;"),
    written("core/world/b.h", "float x;"),
    written("loadgen/scenario/plan.cc", "std::unordered_set<int> clients;"),
]

if __name__ == "__main__":
    check.main(find, GOOD, CASES)
