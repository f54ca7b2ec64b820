// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/NiftiWriter.h"

#include "Inference/Protocol/Error.h"

#include <nifti/nifti1_io.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace H3K27M::Datasets
{
  namespace
  {
    constexpr std::size_t MAX_EXTENT = 32767;
    constexpr float VOXELS_BEGIN = 352;  // after the header and four bytes of extension flags

    struct TypeFacts
    {
      short code;
      short bits;
    };

    TypeFacts GetFacts(NiftiImage::Type type)
    {
      switch (type)
      {
        case NiftiImage::Type::U8:
          return {DT_UINT8, 8};
        case NiftiImage::Type::I16:
          return {DT_INT16, 16};
        case NiftiImage::Type::U16:
          return {DT_UINT16, 16};
        case NiftiImage::Type::F32:
          return {DT_FLOAT32, 32};
      }

      throw Error(ErrorCode::Internal, "unknown type of voxels");
    }

    void Check(const NiftiImage& image, const TypeFacts& facts)
    {
      std::size_t bytes = static_cast<std::size_t>(facts.bits) / 8;

      for (const std::size_t size : image.sizes)
      {
        if (size == 0 || size > MAX_EXTENT)
        {
          throw Error(ErrorCode::BadInput, "A NIfTI-1 file holds 1 to 32767 voxels along an axis");
        }

        bytes *= size;
      }

      if (bytes != image.voxels.size())
      {
        throw Error(ErrorCode::Internal, "The voxels do not fit the sizes of their volume");
      }
    }

    // NIfTI's world is RAS: x and y are the negative of DICOM's.
    mat44 MakeAffine(const NiftiImage& image)
    {
      mat44 affine = {};
      constexpr std::array<double, 3> SIGNS = {-1, -1, 1};

      for (std::size_t row = 0; row < 3; row++)
      {
        for (std::size_t column = 0; column < 3; column++)
        {
          affine.m[row][column] = static_cast<float>(SIGNS[row] * image.steps[column][row]);
        }

        affine.m[row][3] = static_cast<float>(SIGNS[row] * image.origin[row]);
      }

      affine.m[3][3] = 1;
      return affine;
    }

    void SetPlace(nifti_1_header& header, const NiftiImage& image)
    {
      const mat44 affine = MakeAffine(image);
      header.sform_code = NIFTI_XFORM_SCANNER_ANAT;
      header.qform_code = NIFTI_XFORM_SCANNER_ANAT;
      std::copy_n(affine.m[0], 4, header.srow_x);
      std::copy_n(affine.m[1], 4, header.srow_y);
      std::copy_n(affine.m[2], 4, header.srow_z);
      float spacing[3] = {};
      float factor = 1;
      nifti_mat44_to_quatern(affine, &header.quatern_b, &header.quatern_c, &header.quatern_d, &header.qoffset_x,
                             &header.qoffset_y, &header.qoffset_z, &spacing[0], &spacing[1], &spacing[2], &factor);
      header.pixdim[0] = factor;
      std::copy_n(spacing, 3, header.pixdim + 1);
    }

    nifti_1_header MakeHeader(const NiftiImage& image, const TypeFacts& facts)
    {
      nifti_1_header header = {};
      header.sizeof_hdr = sizeof(header);
      header.regular = 'r';
      header.dim[0] = 3;
      std::fill(header.dim + 1, header.dim + 8, short{1});

      for (std::size_t axis = 0; axis < 3; axis++)
      {
        header.dim[axis + 1] = static_cast<short>(image.sizes[axis]);
      }

      header.datatype = facts.code;
      header.bitpix = facts.bits;
      header.vox_offset = VOXELS_BEGIN;
      header.scl_slope = static_cast<float>(image.slope);
      header.scl_inter = static_cast<float>(image.intercept);
      header.xyzt_units = NIFTI_UNITS_MM;
      std::memcpy(header.magic, "n+1", 4);
      SetPlace(header, image);
      return header;
    }

    // zlib's own writer leaves the time in the header at 0: equal images give equal files.
    class GzipFile
    {
    public:
      explicit GzipFile(const std::filesystem::path& path) :
        path_(path),
        file_(gzopen(path.c_str(), "wb6"))
      {
        if (file_ == nullptr)
        {
          Fail();
        }
      }

      GzipFile(const GzipFile&) = delete;
      GzipFile& operator=(const GzipFile&) = delete;

      ~GzipFile()
      {
        if (file_ != nullptr)
        {
          gzclose(file_);
        }
      }

      void Write(const void* data, std::size_t size)
      {
        const char* next = static_cast<const char*>(data);

        while (size > 0)
        {
          const auto piece = static_cast<unsigned>(std::min<std::size_t>(size, 1u << 24));

          if (gzwrite(file_, next, piece) != static_cast<int>(piece))
          {
            Fail();
          }

          next += piece;
          size -= piece;
        }
      }

      void Close()
      {
        gzFile file = file_;
        file_ = nullptr;

        if (gzclose(file) != Z_OK)
        {
          Fail();
        }
      }

    private:
      [[noreturn]] void Fail() const
      {
        throw Error(ErrorCode::Unavailable, "Cannot write " + path_.string());
      }

      std::filesystem::path path_;
      gzFile file_;
    };
  }

  void WriteNifti(const std::filesystem::path& path, const NiftiImage& image)
  {
    const TypeFacts facts = GetFacts(image.type);
    Check(image, facts);
    const nifti_1_header header = MakeHeader(image, facts);
    constexpr char NO_EXTENSION[4] = {};
    GzipFile file(path);
    file.Write(&header, sizeof(header));
    file.Write(NO_EXTENSION, sizeof(NO_EXTENSION));
    file.Write(image.voxels.data(), image.voxels.size());
    file.Close();
  }
}
