// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Preprocess/NiftiVolume.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/NiftiFacts.h"

#include <nifti/nifti1_io.h>
#include <nifti/znzlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace H3K27M::Preprocess
{
  namespace
  {
    constexpr const char* DESCRIPTION = "H3K27M, research use only";

    struct ImageDeleter
    {
      void operator()(nifti_image* image) const noexcept
      {
        nifti_image_free(image);
      }
    };
    using Image = std::unique_ptr<nifti_image, ImageDeleter>;

    Error MakeError(ErrorCode code, const std::filesystem::path& path, const std::string& reason)
    {
      return Error(code, "NIfTI file " + path.string() + ": " + reason);
    }

    Image OpenHeader(const std::filesystem::path& path)
    {
      if (!std::filesystem::is_regular_file(path))
      {
        throw MakeError(ErrorCode::NotFound, path, "there is no such file");
      }
      nifti_set_debug_level(0);
      Image image(nifti_image_read(path.c_str(), 0));
      if (!image)
      {
        throw MakeError(ErrorCode::Corrupt, path, "the header cannot be read");
      }
      for (const int repeats : {image->nt, image->nu, image->nv, image->nw})
      {
        if (repeats > 1)
        {
          throw MakeError(ErrorCode::BadInput, path, "it holds more than one volume");
        }
      }
      std::size_t voxels = 1;
      for (const int side : {image->nx, image->ny, image->nz})
      {
        if (side < 1 || static_cast<std::size_t>(side) > Protocol::MAX_NIFTI_VOXELS / voxels)
        {
          throw MakeError(ErrorCode::BadInput, path, "a volume of this size cannot be processed");
        }
        voxels *= static_cast<std::size_t>(side);
      }
      return image;
    }

    // Reads the voxels itself: the library fills up what a truncated file lacks with zeros and says nothing.
    void LoadVoxels(nifti_image& image, const std::filesystem::path& path)
    {
      const std::size_t bytes = image.nvox * static_cast<std::size_t>(image.nbyper);
      image.data = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc): the library frees it
      if (image.data == nullptr)
      {
        throw std::bad_alloc();
      }
      znzFile file = znzopen(image.iname, "rb", nifti_is_gzfile(image.iname));
      const bool isComplete = !znz_isnull(file) && znzseek(file, image.iname_offset, SEEK_SET) >= 0 &&
                              znzread(image.data, 1, bytes, file) == bytes;
      Xznzclose(&file);
      if (!isComplete)
      {
        throw MakeError(ErrorCode::Corrupt, path, "the voxels are truncated or cannot be read");
      }
      if (image.swapsize > 1 && image.byteorder != nifti_short_order())
      {
        nifti_swap_Nbytes(bytes / static_cast<std::size_t>(image.swapsize), image.swapsize, image.data);
      }
    }

    Protocol::VoxelReader GetReader(int datatype, const std::filesystem::path& path)
    {
      const Protocol::VoxelReader reader = Protocol::FindVoxelReader(datatype);
      if (reader == nullptr)
      {
        throw MakeError(ErrorCode::BadInput, path, "voxels of this type cannot be processed");
      }
      return reader;
    }

    // The matrix by which the file states where it lies; none: it states nothing.
    const mat44* FindPosition(const nifti_image& image)
    {
      return image.sform_code > 0 ? &image.sto_xyz : image.qform_code > 0 ? &image.qto_xyz : nullptr;
    }

    // Which of the file's axes (0..2) runs along the patient's left-right, front-back, foot-head axis, and its sign.
    std::array<int, 3> GetOrientation(const nifti_image& image)
    {
      std::array<int, 3> codes{NIFTI_L2R, NIFTI_P2A, NIFTI_I2S};
      if (const mat44* const position = FindPosition(image))
      {
        nifti_mat44_to_orientation(*position, &codes[0], &codes[1], &codes[2]);
      }
      return codes;
    }

    // Writes beside the target, reads back, and renames: the library does not report a full disk.
    void WriteImage(Image image, const std::filesystem::path& path)
    {
      const std::string name = path.filename().string();
      const bool isCompressed = name.ends_with(".nii.gz");
      if (!isCompressed && !name.ends_with(".nii"))
      {
        throw MakeError(ErrorCode::BadInput, path, "the name must end in .nii or .nii.gz");
      }
      const std::filesystem::path partial =
        path.parent_path() / ("." + name + ".partial" + (isCompressed ? ".nii.gz" : ".nii"));
      std::free(image->fname);  // NOLINT(cppcoreguidelines-no-malloc): the library allocates and frees them
      std::free(image->iname);  // NOLINT(cppcoreguidelines-no-malloc)
      image->fname = strdup(partial.c_str());
      image->iname = strdup(partial.c_str());
      image->nifti_type = NIFTI_FTYPE_NIFTI1_1;
      nifti_set_iname_offset(image.get());
      nifti_image_write(image.get());

      const Image written(nifti_image_read(partial.c_str(), 1));
      const std::size_t bytes = image->nvox * static_cast<std::size_t>(image->nbyper);
      std::error_code ignored;
      if (!written || written->data == nullptr || written->nvox != image->nvox ||
          std::memcmp(written->data, image->data, bytes) != 0)
      {
        std::filesystem::remove(partial, ignored);
        throw MakeError(ErrorCode::Unavailable, path, "it could not be written (is the disk full, the folder there?)");
      }
      std::filesystem::rename(partial, path, ignored);
      if (ignored)
      {
        throw MakeError(ErrorCode::Unavailable, path, "it could not be renamed: " + ignored.message());
      }
    }

    template <typename T>
    void WriteNew(const std::filesystem::path& path, const NiftiVolume::NewFile& file, std::span<const T> voxels,
                  int datatype)
    {
      const VolumeView& geometry = file.geometry;
      if (voxels.size() != geometry.slices * geometry.GetSliceSize())
      {
        throw MakeError(ErrorCode::Internal, path, "the number of voxels does not fit the sizes");
      }
      const int dims[8] = {3,
                           static_cast<int>(geometry.columns),
                           static_cast<int>(geometry.rows),
                           static_cast<int>(geometry.slices),
                           1,
                           1,
                           1,
                           1};
      Image image(nifti_make_new_nim(dims, datatype, 1));
      if (!image)
      {
        throw MakeError(ErrorCode::Internal, path, "no header can be made for these sizes");
      }
      std::memcpy(image->data, voxels.data(), voxels.size_bytes());
      image->dx = image->pixdim[1] = static_cast<float>(geometry.pixelSpacingMm[1]);
      image->dy = image->pixdim[2] = static_cast<float>(geometry.pixelSpacingMm[0]);
      image->dz = image->pixdim[3] = static_cast<float>(geometry.sliceSpacingMm);
      image->xyz_units = NIFTI_UNITS_MM;
      image->sform_code = NIFTI_XFORM_SCANNER_ANAT;
      std::memset(&image->sto_xyz, 0, sizeof(image->sto_xyz));
      // NIfTI's x and y run to right and anterior, DICOM's to left and posterior.
      image->sto_xyz.m[0][0] = -image->dx;
      image->sto_xyz.m[1][1] = -image->dy;
      image->sto_xyz.m[2][2] = image->dz;
      image->sto_xyz.m[0][3] = static_cast<float>(-file.firstPositionMm[0]);
      image->sto_xyz.m[1][3] = static_cast<float>(-file.firstPositionMm[1]);
      image->sto_xyz.m[2][3] = static_cast<float>(file.firstPositionMm[2]);
      image->sto_xyz.m[3][3] = 1;
      std::strncpy(image->descrip, DESCRIPTION, sizeof(image->descrip) - 1);
      WriteImage(std::move(image), path);
    }
  }

  NiftiVolume NiftiVolume::Read(const std::filesystem::path& path)
  {
    const Image image = OpenHeader(path);
    const Protocol::VoxelReader reader = GetReader(image->datatype, path);
    NiftiVolume volume;
    volume.path_ = path;
    const double mm = Protocol::GetMillimetres(image->xyz_units);
    const auto codes = GetOrientation(*image);
    const std::array<int, 3> sizes{image->nx, image->ny, image->nz};
    const std::array<float, 3> spacings{image->dx, image->dy, image->dz};
    const std::array<std::array<int, 2>, 3> wanted{
      {{NIFTI_R2L, NIFTI_L2R}, {NIFTI_A2P, NIFTI_P2A}, {NIFTI_I2S, NIFTI_S2I}}};
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      const auto found = std::find_if(codes.begin(), codes.end(),
                                      [&](int code) { return code == wanted[axis][0] || code == wanted[axis][1]; });
      if (found == codes.end())
      {
        throw MakeError(ErrorCode::BadInput, path, "its orientation matrix is degenerate");
      }
      const auto fileAxis = static_cast<std::size_t>(found - codes.begin());
      volume.grid_.fileAxis[axis] = static_cast<int>(fileAxis);
      volume.grid_.isReversed[axis] = *found == wanted[axis][1];
      volume.grid_.size[axis] = static_cast<std::size_t>(sizes[fileAxis]);
      volume.grid_.spacingMm[axis] = mm * std::fabs(static_cast<double>(spacings[fileAxis]));
    }
    if (const mat44* const position = FindPosition(*image))
    {
      auto& affine = volume.grid_.affine.emplace();
      for (std::size_t row = 0; row < affine.size(); ++row)
      {
        std::transform(&position->m[row][0], &position->m[row][0] + affine[row].size(), affine[row].begin(),
                       [mm](float value) { return mm * static_cast<double>(value); });
      }
    }
    LoadVoxels(*image, path);
    const Protocol::VoxelScale scale = Protocol::MakeVoxelScale(image->scl_slope, image->scl_inter);
    const auto slope = static_cast<float>(scale.slope);
    const auto intercept = static_cast<float>(scale.intercept);
    const char* const data = static_cast<const char*>(image->data);
    const auto bytesPerVoxel = static_cast<std::size_t>(image->nbyper);
    const auto& size = volume.grid_.size;
    volume.voxels_.reserve(size[0] * size[1] * size[2]);
    for (std::size_t slice = 0; slice < size[2]; ++slice)
    {
      for (std::size_t row = 0; row < size[1]; ++row)
      {
        for (std::size_t column = 0; column < size[0]; ++column)
        {
          const std::size_t index = volume.grid_.GetFileIndex(column, row, slice);
          volume.voxels_.push_back(static_cast<float>(reader(data + index * bytesPerVoxel, false)) * slope + intercept);
        }
      }
    }
    return volume;
  }

  std::vector<std::uint8_t> NiftiVolume::ReadLabels(const std::filesystem::path& path, const NiftiVolume& sameGridAs)
  {
    const NiftiVolume volume = Read(path);
    const std::string difference = volume.grid_.DescribeDifference(sameGridAs.grid_);
    if (!difference.empty())
    {
      throw MakeError(ErrorCode::BadInput, path,
                      "it is not on the grid of " + sameGridAs.path_.string() + ": " + difference);
    }
    std::vector<std::uint8_t> labels;
    labels.reserve(volume.voxels_.size());
    for (const float value : volume.voxels_)
    {
      const float rounded = std::round(value);
      if (!(rounded >= 0 && rounded <= 255))
      {
        throw MakeError(ErrorCode::BadInput, path, "a label lies outside 0..255");
      }
      labels.push_back(static_cast<std::uint8_t>(rounded));
    }
    return labels;
  }

  void NiftiVolume::Write(const std::filesystem::path& path, const NewFile& file, std::span<const std::uint16_t> voxels)
  {
    WriteNew(path, file, voxels, DT_UINT16);
  }

  void NiftiVolume::Write(const std::filesystem::path& path, const NewFile& file, std::span<const std::uint8_t> labels)
  {
    WriteNew(path, file, labels, DT_UINT8);
  }

  void NiftiVolume::WriteLabels(const std::filesystem::path& path, std::span<const std::uint8_t> labels) const
  {
    if (labels.size() != voxels_.size())
    {
      throw MakeError(ErrorCode::Internal, path, "the number of labels does not fit the volume");
    }
    Image image = OpenHeader(path_);
    nifti_free_extensions(image.get());  // may hold what identifies the patient
    std::memset(image->descrip, 0, sizeof(image->descrip));
    std::strncpy(image->descrip, DESCRIPTION, sizeof(image->descrip) - 1);
    std::memset(image->aux_file, 0, sizeof(image->aux_file));
    image->datatype = DT_UINT8;
    image->nbyper = 1;
    image->swapsize = 0;
    image->scl_slope = 0;
    image->scl_inter = 0;
    image->cal_min = 0;
    image->cal_max = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): the library frees it with the image
    auto* data = static_cast<std::uint8_t*>(std::calloc(labels.size(), 1));
    if (data == nullptr)
    {
      throw std::bad_alloc();
    }
    image->data = data;
    std::size_t index = 0;
    for (std::size_t slice = 0; slice < grid_.size[2]; ++slice)
    {
      for (std::size_t row = 0; row < grid_.size[1]; ++row)
      {
        for (std::size_t column = 0; column < grid_.size[0]; ++column, ++index)
        {
          data[grid_.GetFileIndex(column, row, slice)] = labels[index];
        }
      }
    }
    WriteImage(std::move(image), path);
  }

  VolumeView NiftiVolume::GetView() const noexcept
  {
    VolumeView view;
    view.voxels = voxels_;
    view.columns = grid_.size[0];
    view.rows = grid_.size[1];
    view.slices = grid_.size[2];
    view.pixelSpacingMm = {grid_.spacingMm[1], grid_.spacingMm[0]};
    view.sliceSpacingMm = grid_.spacingMm[2];
    return view;
  }
}
