#!/usr/bin/python3
"""An RTSP camera, or a place to publish to, on loopback: GStreamer's RTSP server with what tests need around it.

    rtsp-server.py FILE.mp4              serves FILE at rtsp://127.0.0.1:PORT/camera, at real time
    rtsp-server.py --record OUT.mkv      writes what is published to rtsp://127.0.0.1:PORT/camera

FILE is MP4 or Matroska with H.264 or H.265, with or without AAC; it plays once, so make it long enough
(ffmpeg -stream_loop). Each client gets it from its beginning, or with --shared all the same moment of it, as from
a real camera. Prints "listening PORT" when clients can come. Ends on SIGTERM, and when its parent is gone.
"""

import argparse
import os
import signal
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstPbutils", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstPbutils, GstRtsp, GstRtspServer  # noqa: E402

# Media type as GStreamer calls it: parser, payloader, depayloader.
CODECS = {
    "video/x-h264": ("h264parse", "rtph264pay config-interval=-1", "rtph264depay"),
    "video/x-h265": ("h265parse", "rtph265pay config-interval=-1", "rtph265depay"),
    "audio/mpeg": ("aacparse", "rtpmp4gpay", "rtpmp4gdepay"),
}
SHORT = {"h264": "video/x-h264", "h265": "video/x-h265", "aac": "audio/mpeg"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--record", metavar="OUT.mkv")
    parser.add_argument("--codecs", default="h264", help="what is published, e.g. h265,aac (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--path", default="/camera")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--digest", action="store_true", help="digest instead of basic authentication")
    parser.add_argument("--certificate", metavar="PEM", help="certificate and key: rtsps instead of rtsp")
    parser.add_argument("--shared", action="store_true", help="one playback for all clients")
    parser.add_argument("--stop-after", type=float, metavar="S",
                        help="send nothing any more S seconds after a client began to play; the connection stays")
    options = parser.parse_args()
    if bool(options.file) == bool(options.record):
        parser.error("either FILE or --record OUT.mkv")
    return options


def playing(path):
    """The launch line that plays `path`."""
    info = GstPbutils.Discoverer.new(10 * Gst.SECOND).discover_uri(Gst.filename_to_uri(os.path.abspath(path)))
    streams = [stream.get_caps() for stream in info.get_video_streams() + info.get_audio_streams()]
    container = info.get_stream_info().get_caps().get_structure(0).get_name()
    demuxer = "matroskademux" if "matroska" in container else "qtdemux"
    parts = [f'filesrc location="{path}" ! {demuxer} name=demuxer']
    for index, caps in enumerate(streams):
        parse, pay, _ = CODECS[caps.get_structure(0).get_name()]
        pad = "audio_0" if parse == "aacparse" else "video_0"
        parts.append(f"demuxer.{pad} ! queue ! {parse} ! {pay} name=pay{index} pt={96 + index}")
    return f"( {' '.join(parts)} )"


def recording(path, codecs):
    """The launch line that writes what is published."""
    parts = [f'matroskamux name=muxer streamable=true ! filesink location="{path}" async=false buffer-mode=unbuffered']
    for index, codec in enumerate(codecs.split(",")):
        parse, _, depay = CODECS[SHORT[codec]]
        parts.append(f"{depay} name=depay{index} ! {parse} ! queue ! muxer.")
    return f"( {' '.join(parts)} )"


def stop_after(seconds, media):
    """Holds back everything that `media` would send once it has sent for `seconds`."""
    began = []

    def probe(pad, info):
        began or began.append(time.monotonic())
        late = time.monotonic() - began[0] > seconds
        return Gst.PadProbeReturn.OK if late else Gst.PadProbeReturn.PASS  # OK goes on blocking

    # The sinks hold buffers back until they are due, and what cannot leave holds back the payloaders.
    for index in range(media.n_streams()):
        pad = media.get_stream(index).get_srcpad()
        pad.add_probe(Gst.PadProbeType.BLOCK | Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, probe)


def protect(server, factory, options):
    """Speaks TLS where there is a certificate; lets in the user alone where there is one, else everybody."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    if options.certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.certificate))
    if not options.user:
        auth.set_default_token(token)
    elif options.digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(options.user, options.password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role("user")
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("user", permission, True)
    factory.set_permissions(permissions)
    server.set_auth(auth)


def main():
    options = arguments()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM, signal.SIGINT])  # a thread that blocks them started us
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))

    factory = GstRtspServer.RTSPMediaFactory()
    if options.record:
        factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
        factory.set_launch(recording(options.record, options.codecs))
    else:
        factory.set_launch(playing(options.file))
    factory.set_shared(options.shared)
    if options.stop_after is not None:
        factory.connect("media-configure", lambda _, media: media.connect(
            "prepared", lambda media: stop_after(options.stop_after, media)))
    if options.user or options.certificate:
        protect(server, factory, options)
    server.get_mount_points().add_factory(options.path, factory)

    if server.attach(None) == 0:
        sys.exit(f"cannot listen on port {options.port}")
    print(f"listening {server.get_bound_port()}", flush=True)

    loop, parent = GLib.MainLoop(), os.getppid()

    def finish():
        # What is published ends here, and is written to its end. Streams that hang must not keep the process.
        server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)
        GLib.timeout_add(300, loop.quit)
        return False

    def every_second():
        server.get_session_pool().cleanup()
        if os.getppid() != parent:
            finish()
        return True

    GLib.timeout_add_seconds(1, every_second)
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, finish)
    loop.run()
    os._exit(0)


if __name__ == "__main__":
    main()
