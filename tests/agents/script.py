"""script.py -- what the simulated model does: see docs/sim.md, "Scripts".

The tools of three agents for the same steps; Aider gets whole files in texts."""

# File, first run, a look, once more, the report: five turns.
TOOLS = r"""
{"when": {"user": "/create ([a-z.]+) with ([^,]*), run it/", "offers": "Bash|run_shell_command|exec_command"}, "steps": [
  {"think": "First the file.", "say": "Writing ${1}.",
   "call": {"Write": {"file_path": "WORK/${1}", "content": "${2}\n"},
            "write_file": {"file_path": "WORK/${1}", "content": "${2}\n"},
            "exec_command": {"cmd": "printf '%s\\n' '${2}' > ${1}"}}},
  {"think": "Now it runs.",
   "call": {"Bash": {"command": "sh ${1}", "description": "run it"},
            "run_shell_command": {"command": "sh ${1}"}, "exec_command": {"cmd": "sh ${1}"}}},
  {"think": "What is there?", "say": "A look at both.",
   "call": [{"Bash": {"command": "wc -l ${1}", "description": "count"},
             "run_shell_command": {"command": "wc -l ${1}"}, "exec_command": {"cmd": "wc -l ${1}"}},
            {"Bash": {"command": "cat ${1}", "description": "show"},
             "run_shell_command": {"command": "cat ${1}"}, "exec_command": {"cmd": "cat ${1}"}}]},
  {"think": "Once more.",
   "call": {"Bash": {"command": "sh ./${1}", "description": "run it again"},
            "run_shell_command": {"command": "sh ./${1}"}, "exec_command": {"cmd": "sh ./${1}"}}},
  {"think": "That was it.", "say": "All done, it printed: ${result}"}]}
"""

AIDER = r"""
{"when": {"user": "hi-41-wrong"}, "think": "Now right.", "say": "a.sh\n```\necho hi-$((40+2))\n```\n"}
{"when": {"user": "hi-40-wrong"}, "think": "Better.", "say": "a.sh\n```\necho hi-$((40+1))-wrong; exit 1\n```\n"}
{"when": {"user": "create a.sh"}, "think": "A file.", "say": "a.sh\n```\necho hi-$((40+0))-wrong; exit 1\n```\n"}
{"say": "no rule holds"}
"""


def of(agent, work):
    return AIDER if agent == "aider" else TOOLS.replace("WORK", str(work)) + '{"say": "no rule holds"}\n'
