"""How far a result is from the truth. Pictures are uint8 RGB; all figures are in levels of 0...255 unless named."""
import cv2
import numpy as np


class Motion:
    """Where the truth stands still, and where each of its pixels was in the frame before."""

    def __init__(self, truth):
        self.still, self.flow, self.seen = [], [], []
        gray = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in truth]
        rows, columns = np.indices(gray[0].shape, np.float32)
        for index in range(1, len(truth)):
            change = truth[index].astype(np.float32) - truth[index - 1]
            self.still.append(np.abs(cv2.GaussianBlur(change, (7, 7), 0)).max(-1) < 1)
            flow = cv2.calcOpticalFlowFarneback(gray[index], gray[index - 1], None, 0.5, 4, 21, 3, 7, 1.5, 0)
            self.flow.append(np.dstack([columns + flow[..., 0], rows + flow[..., 1]]).astype(np.float32))
            # What was covered, or where the flow errs, cannot be judged.
            error = cv2.GaussianBlur(self.warped(truth, index).astype(np.float32) - truth[index], (7, 7), 0)
            self.seen.append(np.abs(error).max(-1) < 4)

    def warped(self, frames, index):
        """The frame before number `index`, moved to where things are in that one."""
        before = frames[index - 1]
        return cv2.remap(before, self.flow[index - 1], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def psnr(a, b):
    """As docs/evaluation.md has it, in dB."""
    return cv2.PSNR(a, b)


def ssim(a, b):
    """As docs/evaluation.md has it."""
    def mean(values):
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    a, b = a.astype(np.float32), b.astype(np.float32)
    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    field = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(field[5:-5, 5:-5].mean())


def change(a, b, where):
    """Mean absolute difference where `where`; nan if that is next to nowhere."""
    return float(cv2.absdiff(a, b)[where].mean()) if where.sum() > 50 else float("nan")


def chroma(picture, where):
    """Mean distance from neutral in codes of Cb and Cr (BT.601, 8 bits) where `where`; nan if that is nowhere."""
    if not where.any():
        return float("nan")
    red, green, blue = picture[where].astype(np.float32).T
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    return float(np.hypot((blue - y) / 1.772, (red - y) / 1.402).mean() * 224 / 255)


def score(result, truth, motion, night_luma):
    """All figures of a clip, each the mean over its frames."""
    if result.shape != truth.shape:
        raise RuntimeError(f"{result.shape[0]} frames of {result.shape[1:]}, not {truth.shape[0]} of {truth.shape[1:]}")
    later, some = range(1, len(truth)), range(0, len(truth), 4)

    def mean(values):
        values = [value for value in values if value == value]
        return sum(values) / len(values) if values else float("nan")

    return {
        "psnr": mean(psnr(a, b) for a, b in zip(result, truth)),
        "ssim": mean(ssim(result[i], truth[i]) for i in some),
        "noise": mean(change(result[i], result[i - 1], motion.still[i - 1]) for i in later),
        "warping": mean(change(result[i], motion.warped(result, i), motion.seen[i - 1]) for i in later),
        "chroma": mean(chroma(result[i], night_luma[i] <= 20) for i in some),
        "brightness": float(result.mean() / truth.mean()),
    }
