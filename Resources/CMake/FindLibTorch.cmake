# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Finds the C++ distribution of PyTorch: inside its pip wheel (LIBTORCH_ROOT/torch), an unpacked libtorch
# (LIBTORCH_ROOT/include), or Debian's libtorch-dev. The wheel's own TorchConfig.cmake is not used: on a machine without
# the CUDA Toolkit it refuses to load although the CPU half is complete.
#
# Defines the imported target LibTorch::LibTorch, LibTorch_VERSION, and LibTorch_CUDA (whether libtorch_cuda can be loaded).

find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h
  HINTS "${LIBTORCH_ROOT}/torch/include" "${LIBTORCH_ROOT}/include" "${LIBTORCH_ROOT}/libtorch/include")
find_library(LibTorch_LIBRARY torch
  HINTS "${LIBTORCH_ROOT}/torch/lib" "${LIBTORCH_ROOT}/lib" "${LIBTORCH_ROOT}/libtorch/lib")
find_library(LibTorch_CPU_LIBRARY torch_cpu
  HINTS "${LIBTORCH_ROOT}/torch/lib" "${LIBTORCH_ROOT}/lib" "${LIBTORCH_ROOT}/libtorch/lib")
find_library(LibTorch_C10_LIBRARY c10
  HINTS "${LIBTORCH_ROOT}/torch/lib" "${LIBTORCH_ROOT}/lib" "${LIBTORCH_ROOT}/libtorch/lib")

if (LibTorch_INCLUDE_DIR)
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" LibTorch_VERSION_LINES
    REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  if (NOT LibTorch_VERSION_LINES)
    file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include/torch/version.h" LibTorch_VERSION_LINES
      REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  endif ()
  string(REGEX REPLACE "[^0-9;]" "" LibTorch_VERSION_PARTS "${LibTorch_VERSION_LINES}")
  string(REPLACE ";" "." LibTorch_VERSION "${LibTorch_VERSION_PARTS}")
endif ()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Set -DLIBTORCH_ROOT to the folder that Resources/install-libtorch.sh made.")

if (LibTorch_FOUND AND LibTorch_VERSION VERSION_LESS 2.6)
  message(FATAL_ERROR "LibTorch ${LibTorch_VERSION} is too old: 2.6 is the oldest that has memory-efficient attention "
    "on the CPU and is tested")
endif ()

if (LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  get_filename_component(LibTorch_LIBRARY_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  target_link_libraries(LibTorch::LibTorch INTERFACE "${LibTorch_CPU_LIBRARY}" "${LibTorch_C10_LIBRARY}")
  # libtorch_cpu names libcudart and libcupti, which lie in the neighbouring nvidia/ folder and are found at run time
  # by its own RPATH; the linker need not resolve them.
  target_link_options(LibTorch::LibTorch INTERFACE
    "LINKER:--allow-shlib-undefined" "LINKER:--unresolved-symbols=ignore-in-shared-libs"
    "LINKER:-rpath,${LibTorch_LIBRARY_DIR}")

  # The CUDA half is loaded at run time when it is there (Inference/Predict), so one binary serves both kinds of machine.
  find_library(LibTorch_CUDA_LIBRARY torch_cuda HINTS "${LibTorch_LIBRARY_DIR}" NO_DEFAULT_PATH)
  set(LibTorch_CUDA OFF)
  if (LibTorch_CUDA_LIBRARY)
    set(LibTorch_CUDA ON)
  endif ()
  message(STATUS "LibTorch ${LibTorch_VERSION} in ${LibTorch_LIBRARY_DIR}")
endif ()

mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_LIBRARY LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_CUDA_LIBRARY)
