/**
 * Models on an NVIDIA GPU, from compute capability 8.0 on, over JavaCPP's CUDA presets: products by
 * cublasLt, everything between them by kernels of ours, compiled by NVRTC for the chip that is
 * there. Only {@link hrm.model.cuda.CudaProbe} and {@link hrm.model.cuda.CudaBackend} may be
 * touched where there is no driver.
 */
package hrm.model.cuda;
