"""Runs a command and prints the most memory that it had resident, in bytes: COMMAND ARGUMENT...

The system also counts what a process had before it became the command. So this one is started with as little
as Python allows, and nothing below its own size can be measured.
"""

import os
import sys

output = os.open(os.devnull, os.O_WRONLY)
redirected = [(os.POSIX_SPAWN_DUP2, output, 1)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=redirected)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
