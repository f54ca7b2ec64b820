// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/NiftiHeader.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/NiftiFacts.h"

#include <nifti/nifti1_io.h>

#include <cstring>
#include <memory>
#include <string>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr int NIFTI_2_SIZE = 540;
    constexpr int MAX_VOXEL_OFFSET = 16 << 20;  // extensions lie before the voxels; the largest seen hold a few kB

    struct ImageDeleter
    {
      void operator()(nifti_image* image) const noexcept
      {
        nifti_image_free(image);
      }
    };

    [[noreturn]] void RefuseNifti(const std::string& reason)
    {
      throw Error(ErrorCode::BadInput, "The NIfTI file cannot be taken: " + reason);
    }

    int Swap(int value)
    {
      nifti_swap_4bytes(1, &value);
      return value;
    }

    // NIfTI's x and y run to right and anterior, DICOM's to left and posterior.
    VoxelGrid MakeGrid(const nifti_image& image, const mat44& matrix)
    {
      const double mm = Protocol::GetMillimetres(image.xyz_units);
      const std::array<int, 3> sizes = {image.nx, image.ny, image.nz};
      const std::array<double, 3> toLps = {-mm, -mm, mm};
      VoxelGrid grid;
      for (std::size_t axis = 0; axis < 3; axis++)
      {
        grid.sizes[axis] = static_cast<std::size_t>(sizes[axis]);
        for (std::size_t row = 0; row < 3; row++)
        {
          grid.steps[axis][row] = toLps[row] * static_cast<double>(matrix.m[row][axis]);
        }
      }
      for (std::size_t row = 0; row < 3; row++)
      {
        grid.origin[row] = toLps[row] * static_cast<double>(matrix.m[row][3]);
      }
      return grid;
    }

    void CheckKind(std::string_view bytes, const nifti_1_header& header)
    {
      if (header.sizeof_hdr == NIFTI_2_SIZE || Swap(header.sizeof_hdr) == NIFTI_2_SIZE)
      {
        RefuseNifti("it is NIfTI-2; save it as NIfTI-1");
      }
      if (header.sizeof_hdr != static_cast<int>(NiftiHeader::SIZE) &&
          Swap(header.sizeof_hdr) != static_cast<int>(NiftiHeader::SIZE))
      {
        RefuseNifti("it does not begin with a NIfTI header");
      }
      if (bytes.substr(344, 4) != std::string_view("n+1\0", 4))
      {
        RefuseNifti("its magic is not 'n+1': header and voxels must be one file");
      }
    }

    void CheckVolume(const nifti_image& image)
    {
      for (const int repeats : {image.nt, image.nu, image.nv, image.nw})
      {
        if (repeats > 1)
        {
          RefuseNifti("it holds more than one volume");
        }
      }
      if (image.nx < 1 || image.ny < 1 || image.nz < 1)
      {
        RefuseNifti("a side has no voxel");
      }
      if (image.iname_offset < static_cast<int>(NiftiHeader::SIZE) || image.iname_offset > MAX_VOXEL_OFFSET)
      {
        RefuseNifti("its voxels would begin at byte " + std::to_string(image.iname_offset));
      }
      if (image.sform_code <= 0 && image.qform_code <= 0)
      {
        RefuseNifti("it has neither sform nor qform: nothing says where it lies in the patient");
      }
    }
  }

  NiftiHeader ParseNiftiHeader(std::string_view bytes)
  {
    nifti_1_header stored = {};
    static_assert(sizeof(stored) == NiftiHeader::SIZE);
    if (bytes.size() < sizeof(stored))
    {
      RefuseNifti("it is shorter than a NIfTI header");
    }
    std::memcpy(&stored, bytes.data(), sizeof(stored));
    CheckKind(bytes, stored);

    nifti_set_debug_level(0);  // the library explains itself on the standard error of the PACS otherwise
    const std::unique_ptr<nifti_image, ImageDeleter> image(nifti_convert_nhdr2nim(stored, nullptr));
    if (!image)
    {
      RefuseNifti("its header contradicts itself");
    }
    CheckVolume(*image);

    NiftiHeader header;
    header.grid = MakeGrid(*image, image->sform_code > 0 ? image->sto_xyz : image->qto_xyz);
    header.datatype = image->datatype;
    header.bytesPerVoxel = static_cast<std::size_t>(image->nbyper);
    header.voxelOffset = static_cast<std::size_t>(image->iname_offset);
    header.isSwapped = image->byteorder != nifti_short_order();
    const Protocol::VoxelScale scale = Protocol::MakeVoxelScale(image->scl_slope, image->scl_inter);
    header.slope = scale.slope;
    header.intercept = scale.intercept;
    return header;
  }
}
