"""Run every fit, one process each, and rewrite estimates.csv, parameters.csv and the records."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from detente.data.estimate import (
    alignment_response,
    disputes,
    elasticities,
    gravity_agreements,
    gravity_broad,
    gravity_sanctions,
    milex,
    priors,
    sanction_lifting,
)
from detente.data.estimate.ppml import require_pyfixest
from detente.data.estimate.tables import (
    DATA,
    ESTIMATES,
    PARAMETERS,
    arguments,
    read_table,
    run_main,
    write_table,
)
from detente.errors import DataError

FITS = (gravity_agreements, gravity_broad, gravity_sanctions, sanction_lifting)


def run_script(script: str, raw: Path, out: Path, spec: str | None = None) -> None:
    """Run one script as a process of its own: memory grows over successive fits in one process.

    Raises
    ------
    DataError
        If it fails; the message ends with its last line.
    """
    command = [sys.executable, "-m", script, "--raw", str(raw), "--out", str(out)]
    command += ["--spec", spec] if spec else []
    one_thread = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=os.environ | one_thread, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise DataError(f"{script} {spec or ''} failed: {last}")


def main() -> None:
    """Fit all, then derive the priors from the two written tables."""
    options = arguments(__doc__)
    require_pyfixest()
    target = DATA if options.out == Path() else options.out
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for module in FITS:
            for spec in module.SPECS:
                run_script(module.SCRIPT, options.raw, out, spec)
                tables.append(read_table(out / f"{spec}.csv"))
                sys.stderr.write(f"{spec}\n")
        run_script(elasticities.SCRIPT, options.raw, out)
        run_script(alignment_response.SCRIPT, options.raw, target)
        run_script(milex.SCRIPT, options.raw, target)
        run_script(disputes.SCRIPT, options.raw, target)
        cells = read_table(out / elasticities.CELLS.name)
    write_table(cells, target / elasticities.CELLS.name)
    write_table(pd.concat(tables), target / ESTIMATES.name)
    estimates = read_table(target / ESTIMATES.name)
    write_table(priors.parameters(estimates, cells), target / PARAMETERS.name)


if __name__ == "__main__":
    run_main(main)
