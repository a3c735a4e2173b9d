"""Makes the environment of a requirements file beside this script, in the cache, and prints its python.

The folder is named by the requirements and by the Python that serves them. A lock lets one process
build while others wait; a file written last says that the environment is whole.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().with_name(sys.argv[1])


def cache() -> Path:
    if os.environ.get("COVID_PEERS_CACHE"):
        return Path(os.environ["COVID_PEERS_CACHE"]).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "covid-mmar" / "peers"


def main() -> None:
    digest = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = cache() / digest
    python = folder / "bin" / "python"
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            print(f"making {folder} of {REQUIREMENTS.name}: up to 3 GB are downloaded, once", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            pip += ["--no-input", "--requirement", REQUIREMENTS]
            if subprocess.run(pip, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode != 0:
                sys.exit(f"pip could not install {REQUIREMENTS}: its message stands above")
            complete.touch()
    print(python)


if __name__ == "__main__":
    main()
