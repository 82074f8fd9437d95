"""Measures speed and writes docs/performance.md: `engine` (kernels, estimator, engine) or `peers` (beside others)."""
import sys

import report


def main():
    if sys.argv[1:] == ["engine"]:
        import engine as part
    elif sys.argv[1:] == ["peers"]:
        import peers as part
    else:
        raise SystemExit("usage: python Benchmarks/speed engine|peers")
    part.run()
    report.write()


if __name__ == "__main__":
    main()
