// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "UnitTests/Plugin/Masks/NiftiFile.h"

#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"

#include <nifti/nifti1.h>
#include <zlib.h>

#include <cstring>
#include <stdexcept>

namespace H3K27M::Tests
{
  Masks::VoxelGrid MakeGrid(const Volume::SourceSeries& series)
  {
    const Volume::SliceGrid source(series);
    Masks::VoxelGrid grid;
    grid.sizes = {series.columns, series.rows, source.CountPlaces()};
    grid.steps = {source.GetColumnStep(), source.GetRowStep(), source.GetSliceStep()};
    grid.origin = source.GetCentre(0, 0, 0);
    return grid;
  }

  std::string MakeNifti(const Masks::VoxelGrid& grid, const std::vector<std::uint8_t>& voxels,
                        const std::function<void(nifti_1_header&)>& edit)
  {
    nifti_1_header header = {};
    header.sizeof_hdr = sizeof(header);
    header.dim[0] = 3;
    header.datatype = DT_UINT8;
    header.bitpix = 8;
    header.vox_offset = 352;
    header.xyzt_units = NIFTI_UNITS_MM;
    header.sform_code = NIFTI_XFORM_SCANNER_ANAT;
    header.pixdim[0] = 1;
    float* const rows[3] = {header.srow_x, header.srow_y, header.srow_z};
    for (std::size_t axis = 0; axis < 3; axis++)
    {
      header.dim[axis + 1] = static_cast<short>(grid.sizes[axis]);
      header.pixdim[axis + 1] = static_cast<float>(Volume::Length(grid.steps[axis]));
      for (std::size_t row = 0; row < 3; row++)
      {
        const double toRas = row < 2 ? -1 : 1;
        rows[row][axis] = static_cast<float>(toRas * grid.steps[axis][row]);
        rows[row][3] = static_cast<float>(toRas * grid.origin[row]);
      }
    }
    header.dim[4] = header.dim[5] = header.dim[6] = header.dim[7] = 1;
    std::memcpy(header.magic, "n+1", 4);
    if (edit)
    {
      edit(header);
    }
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
    bytes.append(4, '\0');
    bytes.append(voxels.begin(), voxels.end());
    return bytes;
  }

  std::string Gzip(const std::string& bytes)
  {
    z_stream stream = {};
    std::string packed(compressBound(bytes.size()) + 64, '\0');
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    {
      throw std::runtime_error("deflateInit2");
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }
}
