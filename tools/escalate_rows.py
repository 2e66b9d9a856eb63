"""Makes rows for `weir eval escalate` and `weir train judge` out of recorded answers.

    escalate_rows.py DATA OUT       rows of every source under DATA/router and DATA/replay
    escalate_rows.py DATA OUT --weir build/weir     the same, and the table of figures

For each source OUT gets train_SOURCE.jsonl (small models as the local one, with up to
three others as opinions) and test_SOURCE_N.jsonl (one local model with N opinions against
the cloud's).  Where the model's own text was recorded it is used; of the others only
final answers are known, which stand in an answer of a few words.

With --weir the weights of judge and router are learnt anew for each source without it, and
the figures on it are printed: what is printed was never learnt from.  Needs only python3.
"""
import argparse
import glob
import gzip
import json
import os
import random
import subprocess
import sys

CLOUD = 'gpt-4o-2024-05-13'
ZEROEVAL = ['Meta-Llama-3-8B-Instruct', 'Meta-Llama-3.1-8B-Instruct', 'Qwen2-7B-Instruct', 'Qwen2.5-7B-Instruct',
            'gemma-2-2b-it', 'gemma-2-9b-it', 'Phi-3.5-mini-instruct', 'Yi-1.5-9B-Chat']
MMLUPRO = ['Meta-Llama-3_1-8B-Instruct', 'Mistral-7B-Instruct-v0.2', 'Phi-3-mini-4k-instruct', 'Qwen1.5-7B-Chat',
           'Yi-6b-Chat', 'mathstral-7B']
# name: file, small models, the one that is judged, its opinions in order, the replay file
SOURCES = {
    'crux': ('zeroeval_crux', ZEROEVAL, ZEROEVAL[0], ['Qwen2-7B-Instruct', 'gemma-2-9b-it', 'Yi-1.5-9B-Chat'],
             'replay_zeroeval_crux_llama3_8b_gpt4o'),
    'mathl5': ('zeroeval_mathl5', ZEROEVAL, ZEROEVAL[0], ['Qwen2-7B-Instruct', 'gemma-2-9b-it', 'Yi-1.5-9B-Chat'],
               'replay_zeroeval_mathl5_llama3_8b_gpt4o'),
    'mmlupro': ('mmlupro', MMLUPRO, MMLUPRO[0], ['Phi-3-mini-4k-instruct', 'mathstral-7B', 'Qwen1.5-7B-Chat'], None),
}
OPINIONS = [0, 1, 1, 2, 2, 3]  # how often a training row has so many


def read(*path):
    with gzip.open(os.path.join(*path), 'rt', encoding='utf-8') as f:
        return [json.loads(line) for line in f]


def as_answer(final):
    """A final answer as the text of an answer."""
    if final is None:
        return 'I am not sure.'
    if isinstance(final, float) and final == int(final):
        final = int(final)
    return json.dumps({'reasoning': '', 'answer': str(final)})


class Source:
    def __init__(self, data, name):
        file, self.small, self.local, self.order, replay = SOURCES[name]
        self.name = name
        self.rows = read(data, 'router', f'matrix_{file}.jsonl.gz')
        self.finals = {r['id']: r['answers'] for r in read(data, 'router', f'finals_{file}.jsonl.gz')}
        self.texts = {}
        if replay:
            for r in read(data, 'replay', replay + '.jsonl.gz'):
                self.texts[r['id'], r['model']] = r['answer']

    def answer(self, row, model):
        text = self.texts.get((row['id'], model))
        return {'engine': model, 'text': text or as_answer(self.finals[row['id']].get(model))}

    def pair(self, row, local, others):
        scores = row['scores']
        if scores.get(local) is None or scores.get(CLOUD) is None:
            return None
        return {'id': row['id'], 'prompt': row['prompt'],
                'answers': [self.answer(row, m) for m in [local] + others],
                'local_score': scores[local], 'cloud_score': scores[CLOUD]}

    def training(self):
        rng = random.Random(7)
        for local in self.small:
            others = [m for m in self.small if m != local]
            for row in self.rows:
                picked = rng.sample(others, rng.choice(OPINIONS))
                # A source of many prompts needs no more rows than the others.
                if len(self.rows) > 5000 and rng.random() < .5:
                    continue
                pair = self.pair(row, local, picked)
                if pair:  # the same prompt is there once for each model
                    yield {**pair, 'id': f'{row["id"]} {local}'}

    def test(self, nopinions):
        for row in self.rows:
            pair = self.pair(row, self.local, self.order[:nopinions])
            if pair:
                yield pair


def write(path, rows):
    with open(path, 'w', encoding='utf-8') as f:
        for row in rows:
            f.write(json.dumps(row) + '\n')


def router_without(weir, data, out, name):
    """Weights of the router that have not seen the source either."""
    lines = []
    for path in sorted(glob.glob(os.path.join(data, 'router', 'matrix_*.jsonl.gz'))):
        lines.append(os.path.join(out, os.path.basename(path)[:-len('.gz')]))
        with gzip.open(path) as packed, open(lines[-1], 'wb') as f:
            f.write(packed.read())
    weights = os.path.join(out, f'router_without_{name}.bin')
    subprocess.run([weir, 'train', 'router', *lines, '--leave', SOURCES[name][0], '--out', weights],
                   check=True, stdout=subprocess.DEVNULL)
    return weights


def table(weir, data, out, names):
    train = {n: os.path.join(out, f'train_{n}.jsonl') for n in names}
    print(f'{"left out":9} others     n   APGR  CPT50  CPT80  95 %  length oracle random    ECE   us')
    for name in names:
        weights = os.path.join(out, f'without_{name}.inc')
        subprocess.run([weir, 'train', 'judge', '--out', weights] + [train[n] for n in names if n != name],
                       check=True, stdout=subprocess.DEVNULL)
        router = router_without(weir, data, out, name)
        for n in range(4):
            said = subprocess.run([weir, 'eval', 'escalate', '--json', '--weights', weights, '--router', router,
                                   os.path.join(out, f'test_{name}_{n}.jsonl')],
                                  check=True, stdout=subprocess.PIPE).stdout
            f = json.loads(said)
            print(f'{name:9} {n:6} {f["n"]:5} {f["apgr"]:6.3f} {f["cpt50"]:6.1f} {f["cpt80"]:6.1f} {f["share95"]:5.1f} '
                  f'{f["length"]:7.3f} {f["oracle"]:6.3f} {f["random"]:6.3f} {f["ece"]:6.3f} {f["us_p50"]:4.1f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('data')
    parser.add_argument('out')
    parser.add_argument('--weir')
    given = parser.parse_args()
    os.makedirs(given.out, exist_ok=True)
    for name in SOURCES:
        source = Source(given.data, name)
        write(os.path.join(given.out, f'train_{name}.jsonl'), source.training())
        for n in range(4):
            write(os.path.join(given.out, f'test_{name}_{n}.jsonl'), source.test(n))
    if given.weir:
        table(given.weir, given.data, given.out, list(SOURCES))
    return 0


if __name__ == '__main__':
    sys.exit(main())
