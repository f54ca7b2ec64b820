// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/Safetensors.h"

#include <json/value.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace H3K27M::Protocol
{
  constexpr const char* PROTOCOL_VERSION = "5";

  // Largest frame: bounds what a confused or hostile peer can make the other side allocate.
  constexpr std::size_t MAX_FRAME_BYTES = 1 << 20;

  // Data bytes that a frame surely has room for beside its header: slices and masks are cut into bands of rows
  // that stay below this.
  constexpr std::size_t MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - 64 * 1024;

  // Verbs, plugin to engine. Resources/Notes/Protocol.md describes each with its fields.
  namespace Verb
  {
    constexpr const char* STUDY_BEGIN = "study-begin";
    constexpr const char* SLICE = "slice";
    constexpr const char* STUDY_END = "study-end";
    constexpr const char* CANCEL = "cancel";
    constexpr const char* PING = "ping";
    constexpr const char* PHANTOM = "phantom";

    // Engine to plugin.
    constexpr const char* HELLO = "hello";
    constexpr const char* HEARTBEAT = "heartbeat";
    constexpr const char* PONG = "pong";
    constexpr const char* RESULT_BEGIN = "result-begin";
    constexpr const char* MASK = "mask";
    constexpr const char* SALIENCY = "saliency";
    constexpr const char* RESULT_END = "result-end";
    constexpr const char* PHANTOM_BEGIN = "phantom-begin";
    constexpr const char* PHANTOM_END = "phantom-end";
    constexpr const char* ERROR = "error";
  }

  // One message of the engine protocol, to be sent: verb, request id, further metadata, at most a few tensors.
  // The tensors' bytes are not copied and must outlive Serialize().
  class Message
  {
  public:
    Message(const std::string& verb, const std::string& id);

    // An `error` message that carries code, text (at most 4 KiB of it) and whether a retry can help.
    static Message FromError(const std::string& id, const Error& error);

    Message& Set(const std::string& key, const std::string& value);
    Message& Set(const std::string& key, std::uint64_t value);
    Message& SetJson(const std::string& key, const Json::Value& value);
    Message& AddTensor(const std::string& name, TensorView tensor);

    // The safetensors blob of the frame. Throws Error(Internal) when it exceeds MAX_FRAME_BYTES.
    std::vector<std::byte> Serialize() const;

  private:
    SafetensorsWriter writer_;
  };

  // A message that came in. Immutable. The accessors of fields throw Error(BadInput) naming the one that is missing or
  // is no number, GetJson() one with the place in a text that is no JSON; GetTensor() throws Error(NotFound) naming the
  // tensor: a peer's mistake becomes one clear error.
  class ReceivedMessage
  {
  public:
    // Checks protocol version, verb and id. Throws Error(BadInput or Corrupt).
    explicit ReceivedMessage(std::vector<std::byte> blob);

    const std::string& GetVerb() const noexcept
    {
      return verb_;
    }

    const std::string& GetId() const noexcept
    {
      return id_;
    }

    bool Has(const std::string& key) const;
    const std::string& GetString(const std::string& key) const;
    std::uint64_t GetCount(const std::string& key) const;
    double GetNumber(const std::string& key) const;  // finite
    Json::Value GetJson(const std::string& key) const;
    const TensorView& GetTensor(const std::string& name) const;

    // The Error that an `error` message carries.
    Error ToError() const;

  private:
    SafetensorsFile file_;
    std::string verb_;
    std::string id_;
  };
}
