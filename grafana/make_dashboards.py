#!/usr/bin/env python3
"""Writes grafana/dashboards/*.json. `--check` says whether they are what this script writes.

Rates are per second of the run's own clock, so that a run under the virtual clock, hundreds of times faster than the
wall, reads as one over real sockets: each is divided by the pace of netrig_run_seconds_total."""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
RUN = 'job=~"$job",instance=~"$instance"'
COHORT = RUN + ',cohort=~"$cohort"'
PACE = f"scalar(avg(rate(netrig_run_seconds_total{{{RUN}}}[$__rate_interval])))"


def rate(metric, labels=COHORT, by=""):
    return f"sum{by}(rate({metric}{{{labels}}}[$__rate_interval])) / {PACE}"


def quantile(share, metric, labels=COHORT, by="le"):
    return f"histogram_quantile({share}, sum by ({by}) (rate({metric}_bucket{{{labels}}}[$__rate_interval])))"


def target(expr, legend, **more):
    return {"datasource": DATASOURCE, "expr": expr, "legendFormat": legend, "editorMode": "code", "range": True, **more}


def quantiles(metric, labels=COHORT):
    return [target(quantile(share, metric, labels), name) for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))]


def budget(expr, legend="budget"):
    return target(expr, legend)


def panel(kind, title, description, unit, targets, width=8, height=8, **more):
    for index, each in enumerate(targets):
        each["refId"] = chr(ord("A") + index)
    defaults = {"unit": unit, "min": 0, "custom": {}, "color": {"mode": "palette-classic"}}
    made = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {},
        "gridPos": {"w": width, "h": height},
    }
    if kind == "timeseries":
        defaults["custom"] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "spanNulls": False}
        made["options"] = {
            "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"], "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
        for each in targets:
            if each["legendFormat"].startswith("budget"):
                made["fieldConfig"]["overrides"].append({
                    "matcher": {"id": "byName", "options": each["legendFormat"]},
                    "properties": [
                        {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}},
                        {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}},
                        {"id": "custom.fillOpacity", "value": 0},
                    ],
                })  # fmt: skip
    if kind == "stat":
        made["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area", "textMode": "auto"}
    if kind == "heatmap":
        made["options"] = {"calculate": False, "yAxis": {"unit": unit}, "color": {"scheme": "Spectral", "mode": "scheme"},
                           "legend": {"show": True}, "cellGap": 1}  # fmt: skip
        for each in targets:
            each["format"] = "heatmap"
    for key, value in more.items():
        made["options"][key] = value
    return made


def threshold(made, value):
    """A line that is red from there on."""
    defaults = made["fieldConfig"]["defaults"]
    defaults["thresholds"] = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": value}]}
    defaults["custom"]["thresholdsStyle"] = {"mode": "dashed+area"}
    return made


def stat(title, description, unit, expr, legend="", width=4, **more):
    return panel("stat", title, description, unit, [target(expr, legend)], width, 4, **more)


def series(title, description, unit, targets, width=8, height=8):
    return panel("timeseries", title, description, unit, targets, width, height)


def heatmap(title, description, metric, unit="s", width=12):
    expr = f"sum by (le) (increase({metric}_bucket{{{COHORT}}}[$__rate_interval]))"
    return panel("heatmap", title, description, unit, [target(expr, "{{le}}")], width, 9)


def laid_out(panels):
    """Left to right, a row below the other, 24 wide."""
    x = y = row_height = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if x + place["w"] > 24:
            x, y, row_height = 0, y + row_height, 0
        place["x"], place["y"] = x, y
        x += place["w"]
        row_height = max(row_height, place["h"])
        each["id"] = number
    return panels


def query_variable(name, label, metric, of="", several=True):
    variable = {
        "type": "query", "name": name, "label": label, "datasource": DATASOURCE, "refresh": 2, "sort": 1,
        "query": {"query": f"label_values({metric}{of}, {name})", "refId": name}, "definition": f"label_values({metric}{of}, {name})",
    }  # fmt: skip
    if several:
        variable |= {"includeAll": True, "allValue": ".*", "multi": True, "current": {"text": ["All"], "value": ["$__all"]}}
    return variable


VARIABLES = [
    {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus"},
    # One at a time: a server and its players both tell of the same bytes.
    query_variable("job", "Job", "netrig_build_info", several=False),
    query_variable("instance", "Instance", "netrig_build_info", '{job=~"$job"}'),
    query_variable("cohort", "Cohort", "netrig_clients_planned", f"{{{RUN}}}"),
    {"type": "textbox", "name": "bandwidth_budget", "label": "Budget, B/s per client", "query": "100000",
     "current": {"text": "100000", "value": "100000"}},
]  # fmt: skip


def annotation(name, color, expr):
    return {
        "name": name, "datasource": DATASOURCE, "enable": True, "iconColor": color, "step": "5s", "titleFormat": name,
        "textFormat": "{{job}} {{instance}}",
        "expr": expr,
    }  # fmt: skip


def becomes(state):
    return f'changes(netrig_run_state{{{RUN},state="{state}"}}[$__rate_interval]) > 0'


# Not there before, or there anew.
TIME = f"netrig_run_seconds_total{{{RUN}}}"
STARTED = f"({TIME} unless {TIME} offset $__rate_interval) or resets({TIME}[$__rate_interval]) > 0"


def dashboard(uid, title, description, panels):
    return {
        "uid": uid, "title": title, "description": description, "tags": ["netrig"], "schemaVersion": 39, "editable": True,
        "refresh": "5s", "time": {"from": "now-15m", "to": "now"}, "timezone": "browser", "graphTooltip": 1, "id": None,
        "annotations": {"list": [annotation("Run started", "blue", STARTED), annotation("Measuring", "green", becomes("measuring")),
                                 annotation("Run ended", "red", becomes("finished"))]},
        "templating": {"list": VARIABLES},
        "links": [{"type": "dashboards", "tags": ["netrig"], "asDropdown": False, "keepTime": True, "includeVars": True,
                   "title": "netrig"}],
        "panels": laid_out(panels),
    }  # fmt: skip


DOWN = COHORT + ',direction="downstream"'
UP = COHORT + ',direction="upstream"'
REAL_LAYERS = ',layer=~"payload|protocol"'  # what was really sent, without the modelled transport
CLIENTS = f"sum(netrig_clients_connected{{{COHORT}}})"
BY_COHORT = " by (cohort) "


def overview():
    return dashboard("netrig-overview", "netrig: Overview", "Is the run well? Players, bandwidth and tick time against their budgets, latency, errors.", [
        stat("Players", "Clients that have a session now.", "short", CLIENTS, "connected"),
        stat("Planned", "Clients that the scenario has.", "short", f"sum(netrig_clients_planned{{{COHORT}}})", "planned"),
        stat("Run", "1 for what the run does now.", "none", f"max by (state) (netrig_run_state{{{RUN}}})", "{{state}}", textMode="value_and_name"),
        stat("Verdict", "1 for the verdict, once the run is over; all 0 until then.", "none", f"max by (verdict) (netrig_run_verdict{{{RUN}}})",
             "{{verdict}}", textMode="value_and_name"),
        stat("Time of the run", "On its own clock: simulated seconds under the virtual one.", "s", f"max(netrig_run_seconds_total{{{RUN}}})", "run"),
        stat("Speed", "Seconds of the run for each second of the wall; 1 under the real clock.", "none", f"avg(netrig_speed_ratio{{{RUN}}})", "speed"),
        series("Players by cohort", "Clients with a session.", "short", [target(f"sum by (cohort) (netrig_clients_connected{{{COHORT}}})", "{{cohort}}")]),
        series("Downstream per client", "Payload and protocol bytes to each client, against the budget of the variable above.", "Bps",
               [target(f"{rate('netrig_wire_bytes_total', DOWN + REAL_LAYERS)} / {CLIENTS}", "mean"),
                target(quantile(0.95, "netrig_client_downstream_bytes_per_second"), "p95 of clients"), budget("vector($bandwidth_budget)")]),
        series("Tick time", "What a server tick takes on this machine, against the time it has.", "s",
               [target(quantile(0.5, "netrig_tick_duration_seconds", RUN), "p50"), target(quantile(0.99, "netrig_tick_duration_seconds", RUN), "p99"),
                budget(f"min(netrig_tick_interval_seconds{{{RUN}}})")]),
        series("Input to acknowledgement", "From the planned sending of an input to the state that acknowledges it.", "s", quantiles("netrig_input_to_ack_seconds")),
        series("Joins and leaves", "Sessions begun and ended, per second of the run.", "cps",
               [target(rate("netrig_joins_total"), "joins"), target(rate("netrig_leaves_total", by=" by (cause) "), "leaves: {{cause}}"),
                target(rate("netrig_reconnects_total"), "reconnects")]),
        series("Errors", "By cause, per second of the run; desyncs too.", "cps",
               [target(rate("netrig_errors_total", by=" by (cause) "), "{{cause}}"), target(rate("netrig_desyncs_total"), "desyncs")]),
    ])  # fmt: skip


def network():
    by_cohort_p95 = lambda metric: [target(quantile(0.95, metric, by="le, cohort"), "{{cohort}} p95")]
    lost = rate("netrig_packets_lost_total", COHORT, " by (cohort, direction) ")
    sent = rate("netrig_packets_sent_total", COHORT, " by (cohort, direction) ")
    return dashboard("netrig-network", "netrig: Network and latency", "Round trips, ages, loss and what became of the packets, by cohort.", [
        heatmap("Round trip", "Pings, measured by the clients.", "netrig_rtt_seconds"),
        heatmap("Input to acknowledgement", "What a player feels.", "netrig_input_to_ack_seconds"),
        series("Round trip by cohort", "95th percentile.", "s", by_cohort_p95("netrig_rtt_seconds")),
        series("Age of a state by cohort", "When the client receives it; 95th percentile.", "s", by_cohort_p95("netrig_state_age_seconds")),
        series("Jitter by cohort", "Difference of two successive round trips; 95th percentile.", "s", by_cohort_p95("netrig_rtt_jitter_seconds")),
        threshold(series("Loss", "Share of the packets that simulated links lost by chance; red where the alert is.", "percentunit",
                         [target(f"({lost}) / ({sent})", "{{cohort}} {{direction}}")]), 0.05),
        series("Cause of death of packets", "Per second of the run: lost by chance, or dropped, by cause.", "pps",
               [target(rate("netrig_packets_lost_total"), "lost by chance"), target(rate("netrig_packets_dropped_total", by=" by (cause) "), "dropped: {{cause}}")]),
        series("Packets", "Per second of the run, through simulated links; of a stream, segments.", "pps",
               [target(rate("netrig_packets_sent_total", by=" by (direction) "), "sent {{direction}}"),
                target(rate("netrig_packets_delivered_total", by=" by (direction) "), "delivered {{direction}}")]),
        series("Sent again, doubled, overtaken", "Per second of the run.", "pps",
               [target(rate("netrig_segments_retransmitted_total"), "segments sent again"), target(rate("netrig_packets_duplicated_total"), "duplicated"),
                target(rate("netrig_packets_reordered_total"), "overtaken")]),
        series("Full queues", "Sends that a full queue refused, and states kept back for it; per second of the run.", "cps",
               [target(rate("netrig_send_queue_full_total", by=" by (direction) "), "refused {{direction}}"), target(rate("netrig_states_skipped_total"), "states kept back")]),
        series("Send queues", "What waited in a connection after a write, in its send buffer or for a simulated link's rate; 95th percentile.", "bytes",
               [target(quantile(0.95, "netrig_send_queue_bytes", by="le, cohort, direction"), "{{cohort}} {{direction}} p95")]),
        series("Packets in links", "In a simulated link now, or waiting there to be sent again.", "short",
               [target(f"sum by (cohort, direction) (netrig_packets_in_flight{{{COHORT}}})", "{{cohort}} {{direction}}")]),
        series("Time to connect and reconnect", "To the first state; 95th percentile, 0 while nobody does.", "s",
               [target(f"{quantile(0.95, 'netrig_connect_seconds')} >= 0 or vector(0)", "connect p95"),
                target(f"{quantile(0.95, 'netrig_reconnect_seconds')} >= 0 or vector(0)", "reconnect p95")]),
        series("Clients' clocks", "How far a client's estimate of the server's clock is off.", "s", quantiles("netrig_clock_offset_error_seconds")),
        series("Bytes by layer", "Downstream, per second of the run. transport_model was modelled, not sent.", "Bps",
               [target(rate("netrig_wire_bytes_total", DOWN, " by (layer) "), "{{layer}}")]),
    ])  # fmt: skip


def server():
    per_tick = f"sum by (phase) (rate(netrig_tick_phase_duration_seconds_sum{{{RUN}}}[$__rate_interval])) / scalar(sum(rate(netrig_tick_duration_seconds_count{{{RUN}}}[$__rate_interval])))"
    return dashboard("netrig-server", "netrig: Server tick", "Where a tick's time goes, what it sends, and whether the tester itself is late.", [
        series("Tick time", "On this machine, against the time it has.", "s",
               quantiles("netrig_tick_duration_seconds", RUN) + [budget(f"min(netrig_tick_interval_seconds{{{RUN}}})")], 12),
        series("Phases of a tick", "Mean time of each, stacked.", "s", [target(per_tick, "{{phase}}")], 12),
        series("Ticks", "Per second of the run; overrun: not over when the next was due.", "cps",
               [target(rate("netrig_ticks_total", RUN), "ticks"), target(rate("netrig_tick_overruns_total", RUN), "overruns"), target(rate("netrig_ticks_skipped_total", RUN), "skipped")]),
        series("Lateness of ticks", "How long after its time a tick began.", "s", quantiles("netrig_tick_lateness_seconds", RUN)),
        series("Entities encoded", "Per second of the run.", "cps", [target(rate("netrig_entities_encoded_total", RUN), "entities")]),
        series("Downstream by message", "Bytes per second of the run, without packet headers.", "Bps", [target(rate("netrig_message_bytes_total", DOWN, " by (message) "), "{{message}}")]),
        series("Upstream by message", "Bytes per second of the run, without packet headers.", "Bps", [target(rate("netrig_message_bytes_total", UP, " by (message) "), "{{message}}")]),
        series("Messages", "Per second of the run.", "cps", [target(rate("netrig_messages_total", COHORT, " by (direction, message) "), "{{direction}} {{message}}")]),
        series("Inputs that wait", "Of one client, when a tick takes its share.", "short", quantiles("netrig_input_queue_inputs")),
        series("Refused inputs, incomplete states", "Per second of the run.", "cps",
               [target(rate("netrig_inputs_dropped_total"), "inputs refused"), target(rate("netrig_states_incomplete_total"), "states incomplete")]),
        threshold(series("The tester's lateness", "How long after its planned time the load generator sent an input; red where a run under the real clock fails. A late tester measures itself.",
                         "s", quantiles("netrig_generator_lateness_seconds")), 0.005),
        series("The tester's late ticks", "Client ticks a whole tick or more late, per second of the run.", "cps", [target(rate("netrig_generator_late_ticks_total", by=BY_COHORT), "{{cohort}}")]),
    ])  # fmt: skip


def stacked(board):
    for each in board["panels"]:
        if each["title"] in ("Phases of a tick", "Bytes by layer", "Downstream by message"):
            each["fieldConfig"]["defaults"]["custom"].update({"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 40})
    return board


def files():
    for name, board in (("overview", overview()), ("network", network()), ("server", server())):
        yield FOLDER / f"{name}.json", json.dumps(stacked(board), indent=1, ensure_ascii=False) + "\n"


def main():
    check = sys.argv[1:] == ["--check"]
    stale = [path for path, text in files() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if check:
        sys.exit("\n".join(f"{path} is not what make_dashboards.py writes" for path in stale) or 0)
    for path, text in files():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
