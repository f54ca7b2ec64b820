// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <filesystem>
#include <string>

namespace H3K27M::OrthancBinding
{
  // What tells one Orthanc from all others that share its work store. Machines are cloned with their host name, their
  // paths, or all their files; on one machine two Orthancs may share a folder, but never a port.
  struct Installation
  {
    std::string host;
    std::filesystem::path folder;  // of the index, this Orthanc's own
    unsigned httpPort = 8042;
    unsigned dicomPort = 4242;
    std::filesystem::path machineIdFile = "/etc/machine-id";  // systemd's; may be absent, as in containers
  };

  // The same after a restart: "HOST:FOLDER:DIGITS". The digits are of a key that is drawn once and kept in the folder,
  // of the machine's identifier and of the ports; without the key where the folder is not to be written, or not there:
  // once it is, the name is another one, and what the former left begun is taken up when its leases end.
  std::string NameInstallation(const Installation& installation);
}
