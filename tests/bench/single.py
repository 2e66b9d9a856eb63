"""single.py -- figures of weir that are taken once, not in rounds: memory, start,
neighbours, the ledger's speed, two workers."""
import http.client
import subprocess
import time

from proxies import KEY, LOAD_CPU, Weir, rss_bytes, stop

BODY = ('{"model":"m","messages":[{"role":"user","content":"hi"}]}').encode()


def background(tools, port, words, seconds):
    """A load that runs beside another; returns once all its connections have begun."""
    p = subprocess.Popen(["taskset", "-c", str(LOAD_CPU), tools / "bench_load", "-p",
                          str(port), "-k", KEY, "-d", str(seconds), *words],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if p.stderr.readline().strip() != "ready":
        raise SystemExit(f"bench: a load did not begin: {p.stderr.read()}")
    return p


def fresh(kind, name, folder, mock, log, **settings):
    proxy = kind(name, folder, mock, log)
    for key, value in settings.items():
        setattr(proxy, key, value)
    proxy.start()
    return proxy


def memory(table, tools, folder, mock, proxies, log, **_):
    n = 5000
    for kind in {type(p) for p in proxies if p.name != "direct"}:
        name = kind.__name__.lower()
        proxy = fresh(kind, f"{name}-memory", folder, mock, log)
        idle = rss_bytes(proxy.pid())
        streams = background(tools, proxy.port, ["-c", str(n), "-e", "100000", "-i", "1000"],
                             2)
        time.sleep(1)
        each = (rss_bytes(proxy.pid()) - idle) / n
        streams.communicate()
        proxy.stop()
        is_ours = kind is Weir
        table.add_one(f"memory.{name}.idle", f"RSS when idle: {name}", idle / 2**20, "MiB",
                      10 if is_ours else None)
        table.add_one(f"memory.{name}.stream", f"RSS for each active stream of {n}: {name}",
                      each, "bytes", 4096 if is_ours else None)


def start_time(table, folder, mock, log, **_):
    """From exec to the first proxied answer, the key and the ledger included."""
    seen = []
    for n in range(7):
        proxy = Weir(f"weir-start-{n}", folder, mock, log)
        began = time.perf_counter()
        proxy.process = proxy.start_one("plain", proxy.port,
                                        f"http://127.0.0.1:{mock.port}/v1")
        c = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        c.request("POST", "/v1/chat/completions", BODY,
                  {"content-type": "application/json", "authorization": f"Bearer {KEY}"})
        status = c.getresponse().status
        seen.append((time.perf_counter() - began) * 1e3)
        proxy.stop()
        if status != 200:
            raise SystemExit(f"bench: the first answer was {status}")
    seen.sort()
    table.add("start", "start to first proxied answer",
              {"median": seen[3], "min": seen[0], "max": seen[-1], "values": seen}, "ms", 50)


def neighbours(table, tools, folder, mock, log, run_load, **_):
    """1,000 streams alone, beside 100 KB bodies, beside slow readers; interleaved."""
    proxy = fresh(Weir, "weir-neighbours", folder, mock, log)
    streams = ["-c", "1000", "-e", "1000000", "-i", "50"]
    beside = {"alone": None,
              "100 KB bodies, 100/s": ["-c", "1", "-b", "100000", "-g", "10"],
              "20 slow readers": ["-c", "20", "-e", "2000000", "-r", "20000"]}
    lags = {name: [] for name in beside}
    for _round in range(5):
        for name, words in beside.items():
            other = background(tools, proxy.port, words, 20) if words else None
            result = run_load(tools, proxy.port, streams, 2, proxy.pid())
            if other:
                stop(other)
                other.communicate()
            lags[name].append(result["lag_p99_us"] / 1e3)
    proxy.stop()
    alone = lags.pop("alone")
    table.add_one("neighbours.alone", "event lag p99 of 1,000 streams, alone",
                  sorted(alone)[2], "ms")
    for name, values in lags.items():
        rates = sorted(v / a for v, a in zip(values, alone))
        table.add(f"neighbours.{name}", f"  beside {name}, to alone",
                  {"median": rates[2], "min": rates[0], "max": rates[-1],
                   "values": rates}, "x", 1.2)


def workers(table, tools, folder, mock, log, run_load, **_):
    """Requests a second of CPU with two workers on two CPUs, to one worker's, doubled:
    with load and engine on the same two CPUs, plain throughput would measure those."""
    cost = {}
    one = fresh(Weir, "weir-one", folder, mock, log)
    two = fresh(Weir, "weir-two", folder, mock, log, workers=2, cpu=None)
    rates = []
    for _round in range(5):
        for proxy in (one, two):
            r = run_load(tools, proxy.port, ["-c", "64"], 2, proxy.pid())
            spent = [t["after_ns"] - t["before_ns"] for t in r["threads"]
                     if t["name"].startswith("weir-worker")]
            cost[proxy.name] = sum(spent) / r["requests"]
        rates.append(2 * cost["weir-one"] / cost["weir-two"])
    one.stop()
    two.stop()
    rates.sort()
    table.add_one("workers", "two workers to one: requests per CPU second, doubled",
                  rates[2], "x", at_least=1.8, note=f"{rates[0]:.2f} to {rates[-1]:.2f}")


def ledger(table, tools, folder, **_):
    """The writer alone, from log to index, and a month's sums over many rows."""
    done = subprocess.run([tools / "bench_ledger", folder / "rows", "10000000"],
                          capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise SystemExit(f"bench: bench_ledger: {done.stderr}")
    table.add_one("ledger.rows", "ledger rows a second, appended and indexed",
                  float(done.stdout.split()[0]), "rows/s", at_least=50000)
    for name, words in {"weir ledger": [], "weir ledger --by key --since 1d":
                        ["--by", "key", "--since", "1d"]}.items():
        began = time.perf_counter()
        subprocess.run([Weir.binary, "ledger", "--state-dir", folder / "rows", *words],
                       check=True, capture_output=True, timeout=600)
        table.add_one(name.replace(" ", "."), f"{name}, 10 million rows",
                      time.perf_counter() - began, "s", 1)


FIGURES = {"memory": memory, "start": start_time, "neighbours": neighbours,
           "workers": workers, "ledger": ledger}


def add_all(figures, table, tools, folder, mock, proxies, wanted, run_load, log):
    for name, figure in figures.items():
        if wanted and name not in wanted:
            continue
        figure(table=table, tools=tools, folder=folder, mock=mock, proxies=proxies,
               run_load=run_load, log=log)
