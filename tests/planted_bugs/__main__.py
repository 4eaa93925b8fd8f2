"""Prints the planted bugs with the checks that caught them, and the checks with their tests."""

from concurrent.futures import wait

from tests.planted_bugs.bugs import BUGS
from tests.planted_bugs.planting import all_findings, checks_table, findings_table

if __name__ == "__main__":
    with all_findings(BUGS) as futures:
        wait(futures.values())
    print(f"{findings_table(futures)}\n\n{checks_table()}")
