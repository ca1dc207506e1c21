/* Documents after the samples of the Amazon S3 API Reference. */
#include "net/s3_xml.h"

#include "support.h"

#define LIST_HEAD \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"

static void reads_a_page_of_a_listing(void **state)
{
    (void)state;
    vg_slice text = VG_SLICE(
        LIST_HEAD "<Name>bucket</Name><Prefix/><KeyCount>3</KeyCount><MaxKeys>3</MaxKeys>"
                  "<IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/"
                  "wm36Hy4vbOwM=</NextContinuationToken>"
                  "<Contents><Key>a+b%2Bc%20d/date%3D2025</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
                  "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</"
                  "StorageClass>"
                  "<Owner><ID>1</ID></Owner></Contents>"
                  "<Contents><Key>z</Key><Size>18446744073709551615</Size></Contents>"
                  "<CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>"
                  "<EncodingType>url</EncodingType></ListBucketResult>");
    struct s3_page page;
    vg_err err;
    assert_int_equal(s3_xml_page(text, &page, &err), VG_OK);
    assert_int_equal(page.n, 3);
    assert_slice_is(page.items[0].key, "a b+c d/date=2025");
    assert_slice_is(page.items[0].etag, "fba9dede5f27731c9771645a39863328");
    assert_true(page.items[0].size == 434234 && page.items[0].modified_s == 1255369830 && !page.items[0].is_prefix);
    assert_true(page.items[1].size == UINT64_MAX && page.items[1].etag.n == 0);
    assert_slice_is(page.items[2].key, "photos/");
    assert_true(page.items[2].is_prefix);
    assert_slice_is(page.next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
    s3_page_release(&page);
}

static void keys_are_taken_as_they_are_without_an_encoding_type(void **state)
{
    (void)state;
    struct s3_page page;
    vg_err err;
    vg_slice text = VG_SLICE("<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>x"
                             "</NextContinuationToken><Contents><Key>a+b%zz</Key></Contents></ListBucketResult>");
    assert_int_equal(s3_xml_page(text, &page, &err), VG_OK);
    assert_slice_is(page.items[0].key, "a+b%zz");
    assert_int_equal(page.next.n, 0);
    s3_page_release(&page);
}

static void refuses_listings_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "",
        "<Error><Code>X</Code></Error>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size></Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><LastModified>today</LastModified></Contents></ListBucketResult>",
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key></Contents>",
    };
    for (size_t i = 0; i < COUNT(documents); i++) {
        struct s3_page page;
        vg_err err = {0};
        if (s3_xml_page(vg_slice_of(documents[i]), &page, &err) != VG_EPARSE || !err.msg[0])
            fail_msg("%s: %s", documents[i], err.msg);
        assert_null(page.items);
    }
}

static void reads_errors(void **state)
{
    (void)state;
    struct s3_error error;
    vg_err err;
    vg_slice text =
        VG_SLICE("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>PermanentRedirect</Code><Message>The "
                 "bucket is &amp; elsewhere</Message><Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>"
                 "<Region>eu-west-1</Region><RequestId>1</RequestId></Error>");
    assert_int_equal(s3_xml_error(text, &error, &err), VG_OK);
    assert_string_equal(error.code.data, "PermanentRedirect");
    assert_string_equal(error.message.data, "The bucket is & elsewhere");
    assert_string_equal(error.endpoint.data, "b.s3-eu-west-1.amazonaws.com");
    assert_string_equal(error.region.data, "eu-west-1");
    s3_error_release(&error);
    assert_int_equal(s3_xml_error(VG_SLICE("<html><body>502 Bad Gateway</body></html>"), &error, &err), VG_EPARSE);
    assert_int_equal(s3_xml_error(VG_SLICE("<Error><Message>x</Message></Error>"), &error, &err), VG_EPARSE);
}

static void reads_multipart_answers(void **state)
{
    (void)state;
    vg_buf text = {0};
    vg_err err;
    bool completed;
    vg_slice begun = VG_SLICE("<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>"
                              "<UploadId>VXBsb2FkIElE/+=</UploadId></InitiateMultipartUploadResult>");
    assert_int_equal(s3_xml_upload_id(begun, &text, &err), VG_OK);
    assert_string_equal(text.data, "VXBsb2FkIElE/+=");
    assert_int_equal(s3_xml_upload_id(VG_SLICE("<InitiateMultipartUploadResult/>"), &text, &err), VG_EPARSE);

    vg_slice done = VG_SLICE("  \n<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Location>l</Location>"
                             "<ETag>\"3858f62230ac3c915f300c664312c11f-9\"</ETag></CompleteMultipartUploadResult>");
    assert_int_equal(s3_xml_completed(done, &completed, &text, &err), VG_OK);
    assert_true(completed);
    assert_string_equal(text.data, "3858f62230ac3c915f300c664312c11f-9");
    vg_slice failed = VG_SLICE("<?xml version=\"1.0\"?>\n\n<Error><Code>InternalError</Code></Error>");
    assert_int_equal(s3_xml_completed(failed, &completed, &text, &err), VG_OK);
    assert_false(completed);
    assert_int_equal(s3_xml_completed(VG_SLICE("<Complete"), &completed, &text, &err), VG_EPARSE);
    assert_false(completed);
    vg_buf_release(&text);
}

static void reads_uploads_that_were_left_behind(void **state)
{
    (void)state;
    struct s3_uploads uploads;
    vg_err err;
    vg_slice text =
        VG_SLICE("<ListMultipartUploadsResult><Bucket>b</Bucket><KeyMarker/><NextKeyMarker>my%2Fk</NextKeyMarker>"
                 "<NextUploadIdMarker>YW55IGlk</NextUploadIdMarker><EncodingType>url</EncodingType><IsTruncated>true</"
                 "IsTruncated>"
                 "<Upload><Key>a%20b</Key><UploadId>XMgbG</UploadId><Initiator><ID>u</ID></Initiator>"
                 "<Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload>"
                 "<Upload><Key>c</Key><UploadId>2</UploadId><Initiated>2010-11-10T20:48:34Z</Initiated></Upload>"
                 "</ListMultipartUploadsResult>");
    assert_int_equal(s3_xml_uploads(text, &uploads, &err), VG_OK);
    assert_int_equal(uploads.n, 2);
    assert_slice_is(uploads.items[0].key, "a b");
    assert_slice_is(uploads.items[0].id, "XMgbG");
    assert_true(uploads.items[0].begun_s == 1289422113 && uploads.items[1].begun_s == 1289422114);
    assert_true(uploads.truncated);
    assert_slice_is(uploads.next_key, "my/k");
    assert_slice_is(uploads.next_id, "YW55IGlk");
    s3_uploads_release(&uploads);
    assert_int_equal(s3_xml_uploads(VG_SLICE("<Other/>"), &uploads, &err), VG_EPARSE);
    assert_int_equal(s3_xml_uploads(VG_SLICE("<ListMultipartUploadsResult><Upload><Key>a</Key></Upload>"
                                             "</ListMultipartUploadsResult>"),
                                    &uploads, &err),
                     VG_EPARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_page_of_a_listing),
        cmocka_unit_test(keys_are_taken_as_they_are_without_an_encoding_type),
        cmocka_unit_test(refuses_listings_that_make_no_sense),
        cmocka_unit_test(reads_errors),
        cmocka_unit_test(reads_multipart_answers),
        cmocka_unit_test(reads_uploads_that_were_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
