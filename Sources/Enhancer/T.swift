internal import CKernels
internal import COpenBLAS
public import Frames
