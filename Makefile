# Everything from a fresh clone: `make demo` shows what the program does, `make test` checks that it does it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# To build and run; and what only samples and tests use: the ffmpeg tool, exiftool to read back pictures' metadata, and
# GStreamer's RTSP server for Tests/Rigs (isomp4, rtp and rtpmanager are in -good, the parsers of video in -bad, TLS is
# in glib-networking).
PACKAGES := libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libavfilter-dev libavdevice-dev \
	libopenblas0 pkg-config ffmpeg libimage-exiftool-perl \
	gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0 python3-gi gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad glib-networking curl openssl
# A virtual machine with the kernel's virtual camera.
V4L2_PACKAGES := qemu-system-x86 busybox-static kmod cpio
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
BINARY := .build/release/zdce-video

.PHONY: help deps build lint test test-live test-v4l2 demo samples weights bench bench-peers bench-quality soak clean

help: ## Lists what there is to make.
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 12

deps: ## Installs the Debian packages that are missing.
	@missing=(); for package in $(PACKAGES); do \
	  [ "$$(dpkg-query -W -f '$${db:Status-Abbrev}' $$package 2>/dev/null)" = "ii " ] || missing+=($$package); \
	done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "installing $${missing[*]}"; \
	  $(SUDO) apt-get update -qq; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $${missing[*]} >/dev/null; \
	fi

build: deps ## Builds the program: .build/release/zdce-video.
	swift build -c release

lint: ## Checks formatting and doc comments.
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

# Cameras play in real time and servers count seconds: they want the machine for themselves, and come last.
test: PACKAGES += $(V4L2_PACKAGES)
test: deps lint ## Builds and runs all tests.
	swift test -c release --disable-xctest --skip 'CommandLineTests.Live|MonitoringTests'
	swift test -c release --disable-xctest --filter 'CommandLineTests.Live|MonitoringTests'
	ZDCE_V4L2=1 swift test -c release --disable-xctest --filter V4L2Tests

test-live: deps ## The tests of cameras that play in real time alone; about 3 minutes.
	swift test -c release --disable-xctest --filter CommandLineTests.Live

test-v4l2: PACKAGES += $(V4L2_PACKAGES)
test-v4l2: deps ## The tests of v4l2 cameras alone, in a virtual machine; about 2 minutes.
	ZDCE_V4L2=1 swift test -c release --disable-xctest --filter V4L2Tests

samples: deps ## Gets free footage from Debian packages.
	samples/get-footage.sh

demo: build samples ## Enhances real footage; leaves videos and before/after pictures in demo/.
	samples/demo.sh $(BINARY)

# The built-in weights, as docs/model-card.md describes them. The same bytes on the same kind of machine.
WEIGHTS := Sources/Enhancer/Resources/zero-dce++.safetensors
TRAINING := --seed 1 --steps 8000 --crop 64 --sides 64,96,160 --rate 0.004 --spatial 0.1 --colour 2.5 --smoothness 1250 --exposure-level 0.575 --exposure-patch 8 --bright-share 0.5 --mildest 1.5 --darkest 6.5

weights: build ## Trains the built-in weights anew: from free photographs in Debian packages to the file.
	[ -f samples/photos/ATTRIBUTION.tsv ] || samples/get-photos.sh
	$(BINARY) train --photos samples/photos -o $(WEIGHTS) -y $(TRAINING) --metadata date=2026-11-22

# Simulated nights against the truth. Python with NumPy and OpenCV in a virtual environment of its own; about 15 minutes.
QUALITY := .build/quality/python
bench-quality: PACKAGES += python3-venv
bench-quality: build samples ## Compares ways to brighten nights: docs/quality.md. AUTHORS=FILE adds those weights.
	[ -x $(QUALITY)/bin/python ] || python3 -m venv $(QUALITY)
	$(QUALITY)/bin/pip install -q -r Benchmarks/quality/requirements.txt
	PATH="$(abspath $(QUALITY))/bin:$$PATH" Benchmarks/quality/get-clips.sh
	$(QUALITY)/bin/python Benchmarks/quality --program $(BINARY) $(if $(AUTHORS),--authors "$(AUTHORS)")

# Kernels, estimator and engine, with instructions counted by callgrind; about 4 minutes.
bench: PACKAGES += valgrind python3
bench: build ## Measures kernels, estimator and engine: docs/performance.md.
	python3 Benchmarks/speed engine

# Beside PyTorch, a Python pipeline and ffmpeg's filters. PyTorch and OpenCV in a virtual environment of its own.
SPEED := .build/speed/python
bench-peers: PACKAGES += python3-venv
bench-peers: build samples ## Measures beside PyTorch and ffmpeg, from file to file: docs/performance.md.
	[ -x $(SPEED)/bin/python ] || python3 -m venv $(SPEED)
	$(SPEED)/bin/pip install -q -r Benchmarks/speed/requirements.txt
	$(SPEED)/bin/python Benchmarks/speed peers

# Figures of docs/live.md. About 20 minutes; SOAK="restarts sixteen" picks some, FOOTAGE another clip.
SOAK := restarts sixteen camera versus overload
FOOTAGE := samples/footage/vtest-dark.mp4
soak: build samples ## Measures live cameras: restarts, many at once, beside ffmpeg.
	for test in $(SOAK); do /usr/bin/python3 Benchmarks/live $$test --program $(BINARY) --footage $(FOOTAGE); done

clean: ## Removes what was built and made.
	rm -rf .build demo samples/footage samples/photos
