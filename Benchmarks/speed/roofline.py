"""The roofline as SVG: what the machine can do at most, and where each kernel stands."""
import math

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 440, 70, 30, 20, 50
X = (0.125, 256)  # operations per byte
Y = (1, 512)  # billions of operations per second


def place(intensity, rate):
    def along(value, low, high):
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))

    return (LEFT + along(intensity, *X) * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - along(rate, *Y) * (HEIGHT - TOP - BOTTOM))


def text(x, y, words, anchor="start", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def draw(peak, points):
    """`peak`: gflops and copy_gbs of one thread. `points`: (name, operations per byte, billions of operations per second)."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for power in range(-3, 9):
        x, y = place(2.0**power, Y[0])
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#eee"/>')
        parts.append(text(x, y + 18, f"{2.0**power:g}", "middle"))
    for power in range(0, 10):
        x, y = place(X[0], 2.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#eee"/>')
        parts.append(text(x - 8, y + 4, f"{2.0**power:g}", "end"))
    knee = peak["gflops"] / peak["copy_gbs"]
    start = max(X[0], Y[0] / peak["copy_gbs"])
    corners = [place(start, start * peak["copy_gbs"]), place(knee, peak["gflops"]), place(X[1], peak["gflops"])]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#c33" stroke-width="2"/>')
    x, y = place(X[1], peak["gflops"])
    parts.append(text(x, y - 8, f"{peak['gflops']:.0f} GFLOPS", "end"))
    x, y = place(start, start * peak["copy_gbs"])
    parts.append(text(x + 14, y - 4, f"{peak['copy_gbs']:.1f} GB/s"))
    for index, (name, intensity, rate) in enumerate(points):
        x, y = place(intensity, rate)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#247"/>')
        parts.append(text(x + 8, y + 4 + (index % 2) * 10, name, size=11))
    parts.append(text((LEFT + WIDTH) / 2, HEIGHT - 10, "operations per byte", "middle"))
    parts.append(text(LEFT, TOP - 12, "billions of operations per second, one thread"))
    return "\n".join(parts) + "\n</svg>\n"
