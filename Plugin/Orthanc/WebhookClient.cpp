// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Orthanc/WebhookClient.h"

#include "Inference/Protocol/Error.h"

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace H3K27M::OrthancBinding
{
  namespace
  {
    struct FreeList
    {
      void operator()(curl_slist* list) const
      {
        curl_slist_free_all(list);
      }
    };

    struct FreeHandle
    {
      void operator()(CURL* handle) const
      {
        curl_easy_cleanup(handle);
      }
    };

    using HeaderList = std::unique_ptr<curl_slist, FreeList>;
    using Handle = std::unique_ptr<CURL, FreeHandle>;

    void Append(HeaderList& list, const std::string& line)
    {
      curl_slist* const before = list.release();  // the beginning of the longer one, where there is room for that
      curl_slist* const longer = curl_slist_append(before, line.c_str());
      list.reset(longer == nullptr ? before : longer);

      if (longer == nullptr)
      {
        throw std::bad_alloc();
      }
    }

    std::size_t Discard(char*, std::size_t size, std::size_t count, void*)
    {
      return size * count;
    }

    // A fault here is one of this code or of libcurl's build, not of the receiver.
    template <typename Value>
    void Set(const Handle& handle, CURLoption option, Value value)
    {
      const CURLcode code = curl_easy_setopt(handle.get(), option, value);  // NOLINT(cppcoreguidelines-pro-type-vararg)

      if (code != CURLE_OK)
      {
        throw Error(ErrorCode::Internal, std::string("libcurl: ") + curl_easy_strerror(code));
      }
    }

    void Secure(const Handle& handle, const HttpClientOptions& options)
    {
      Set(handle, CURLOPT_SSL_VERIFYPEER, options.verifiesPeers ? 1L : 0L);
      Set(handle, CURLOPT_SSL_VERIFYHOST, options.verifiesPeers ? 2L : 0L);
      Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
      Set(handle, CURLOPT_FOLLOWLOCATION, 0L);

      if (!options.certificates.empty())
      {
        Set(handle, CURLOPT_CAINFO, options.certificates.c_str());
      }

      if (!options.proxy.empty())
      {
        Set(handle, CURLOPT_PROXY, options.proxy.c_str());
      }
    }
  }

  WebhookClient::WebhookClient(HttpClientOptions options) :
    options_(std::move(options))
  {
    // Counted: the core's own call stays in force, and this one is never taken back.
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
    {
      throw Error(ErrorCode::Unavailable, "libcurl does not start");
    }
  }

  unsigned WebhookClient::Post(const std::string& url, const std::map<std::string, std::string>& headers,
                               const std::string& body, std::chrono::seconds limit) const
  {
    const Handle handle(curl_easy_init());

    if (!handle)
    {
      throw Error(ErrorCode::Unavailable, "libcurl does not start");
    }

    HeaderList list;
    Append(list, "Expect:");  // sent at once, not after an answer to the headers

    for (const auto& [name, value] : headers)
    {
      std::string line = name;
      Append(list, line.append(": ").append(value));
    }

    Secure(handle, options_);
    Set(handle, CURLOPT_URL, url.c_str());
    Set(handle, CURLOPT_POST, 1L);
    Set(handle, CURLOPT_POSTFIELDS, body.data());
    Set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    Set(handle, CURLOPT_HTTPHEADER, list.get());
    Set(handle, CURLOPT_WRITEFUNCTION, &Discard);
    Set(handle, CURLOPT_TIMEOUT, static_cast<long>(limit.count()));
    Set(handle, CURLOPT_NOSIGNAL, 1L);
    const CURLcode code = curl_easy_perform(handle.get());

    if (code != CURLE_OK)
    {
      throw Error(ErrorCode::Unavailable, std::string("the webhook does not answer: ") + curl_easy_strerror(code));
    }

    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);  // NOLINT(cppcoreguidelines-pro-type-vararg)
    return static_cast<unsigned>(status);
  }
}
